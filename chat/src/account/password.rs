//! Password hashing with argon2id, on blocking threads, and never more at once than there are permits.

use crate::metrics::{self, GaugeGuard};
use crate::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A hash that no password has, with the parameters of a real one. The password for an unknown name is compared with it, so
/// that the response time does not tell which names exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIDE2Yg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords.
pub(super) struct Hasher {
    permits: Arc<Semaphore>,
}

impl Hasher {
    pub(super) fn new(permits: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(permits.max(1))) }
    }

    /// Hashes a password with a new salt and the default cost; gives the PHC string.
    pub(super) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.work(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::Internal(format!("hashing a password: {error}")))
    }

    /// Whether the hash is of this password. Without a hash the same work is done, and the result is false.
    pub(super) async fn matches(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let password = password.to_owned();
        let known = hash.is_some();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        let same = self
            .work(move || {
                let hash = PasswordHash::new(&hash)?;
                Ok::<_, argon2::password_hash::phc::Error>(
                    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
                )
            })
            .await?
            .map_err(|error| Error::Internal(format!("a stored password hash: {error}")))?;
        Ok(same && known)
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let waits = GaugeGuard::new(&metrics::HASHING_WAITING);
        let permits = Arc::clone(&self.permits);
        let permit =
            permits.acquire_owned().await.map_err(|error| Error::Internal(format!("hashing: {error}")))?;
        drop(waits);
        // The work owns the permit: it cannot be stopped, so it goes on when its caller is dropped.
        let work = move || {
            let _permit = permit;
            job()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(format!("hashing: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use tokio::sync::mpsc::unbounded_channel;

    #[tokio::test]
    async fn a5_an_unknown_name_costs_what_a_known_one_does() {
        let real = Hasher::new(1).hash("correct horse").await.unwrap();
        let (nobody, real) = (PasswordHash::new(NOBODY).unwrap(), PasswordHash::new(&real).unwrap());
        assert_eq!(nobody.algorithm, real.algorithm);
        assert_eq!(nobody.version, real.version);
        assert_eq!(nobody.params.to_string(), real.params.to_string());
        assert_eq!(nobody.hash.map(|h| h.as_bytes().len()), real.hash.map(|h| h.as_bytes().len()));
        assert_eq!(nobody.salt.map(|s| s.as_ref().len()), real.salt.map(|s| s.as_ref().len()));
    }

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let hasher = Hasher::new(2);
        let hash = hasher.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.matches("correct horse", Some(&hash)).await.unwrap());
        assert!(!hasher.matches("correct horsf", Some(&hash)).await.unwrap());
        assert!(!hasher.matches("correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn a6_a_dropped_caller_does_not_free_its_permit_early() {
        let hasher = Arc::new(Hasher::new(2));
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (started, mut starts) = unbounded_channel();
        // Each job runs until the test lets it end.
        let start = || {
            let (hasher, started) = (Arc::clone(&hasher), started.clone());
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            let (end, ended) = mpsc::channel::<()>();
            let job = move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = started.send(());
                let _ = ended.recv();
                running.fetch_sub(1, Ordering::SeqCst);
            };
            (tokio::spawn(async move { hasher.work(job).await }), end)
        };
        let dropped = [start(), start()];
        for _ in &dropped {
            starts.recv().await.expect("a job starts");
        }
        for (caller, _) in &dropped {
            caller.abort();
        }
        let mut ends = Vec::new();
        for (caller, end) in dropped {
            assert!(caller.await.expect_err("aborted").is_cancelled());
            ends.push(end);
        }
        assert_eq!(hasher.permits.available_permits(), 0, "the work of the dropped callers goes on");
        let waiting: Vec<_> = (0..4).map(|_| start()).collect();
        drop(ends);
        for (caller, end) in waiting {
            drop(end);
            caller.await.expect("ends").expect("works");
        }
        assert_eq!(most.load(Ordering::SeqCst), 2, "never more than the permits");
        let _all = hasher.permits.acquire_many(2).await.expect("all permits are returned");
    }
}
