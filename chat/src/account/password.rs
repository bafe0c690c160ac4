//! argon2id, away from the async threads, and never more at once than there are permits.

use crate::metrics::{self, GaugeGuard};
use crate::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// The hash of no password, at the cost of a real one: what an unknown name is compared with, so that the time that
/// an answer takes does not say which names there are.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIDE2Yg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and compares passwords.
pub(super) struct Hasher {
    permits: Semaphore,
}

impl Hasher {
    pub(super) fn new(permits: usize) -> Self {
        Self { permits: Semaphore::new(permits.max(1)) }
    }

    /// A new salt, the default cost, in PHC form.
    pub(super) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.work(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::Internal(format!("hashing a password: {error}")))
    }

    /// Whether it is this password. Without a hash the same work is done, and it is not.
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
        let _permit =
            self.permits.acquire().await.map_err(|error| Error::Internal(format!("hashing: {error}")))?;
        drop(waits);
        // Awaited with the permit in hand. A caller that goes away meanwhile gives the permit back a few
        // milliseconds early: the work cannot be stopped, and is bounded by the limits on the addresses.
        tokio::task::spawn_blocking(job).await.map_err(|error| Error::Internal(format!("hashing: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
