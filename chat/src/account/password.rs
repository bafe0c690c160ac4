//! Password hashing with argon2id, on blocking threads. Permits bound the number of hashes computed at once.

use crate::metrics::{self, GaugeGuard};
use crate::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// A hash that no password matches, with the cost of a real one. The password for an unknown name is verified against it, so
/// that the response time does not reveal which names exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIDE2Yg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords.
pub(super) struct Hasher {
    permits: Semaphore,
}

impl Hasher {
    pub(super) fn new(permits: usize) -> Self {
        Self { permits: Semaphore::new(permits.max(1)) }
    }

    /// Hashes a password with a new salt and the default cost. The result is a PHC string.
    pub(super) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.work(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::Internal(format!("hashing a password: {error}")))
    }

    /// Whether the password matches the hash. Without a hash it takes the same time and gives false.
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
        // The permit is held until the job ends. If the caller is cancelled, it is released a few milliseconds early: the job
        // cannot be stopped, and the rate limits per address bound the number of such jobs.
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
