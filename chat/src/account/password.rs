//! Password hashing with argon2id, on blocking threads, and never more at once than there are permits.

use super::names::{self, AccountRule};
use crate::metrics::{self, GaugeGuard};
use crate::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

/// A hash that no password has, with the parameters of a real one. The password for an unknown name is compared with it, so
/// that the response time does not tell which names exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIDE2Yg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Beginning of hashes of the current algorithm and cost.
const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// Result of a comparison of a password with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PasswordMatch {
    /// The hash is of this password.
    Same,
    /// The hash is of this password, and should be renewed: it has another cost, or is of another Unicode form.
    Outdated,
    /// The hash is of another password.
    Different,
}

/// The form of a password that is hashed: that of `OpaqueString` (RFC 8265), with every space as U+0020 and in NFC. So the same
/// password is the same bytes on every keyboard and system. Unlike the profile it accepts joiners, variation selectors and
/// characters of newer Unicode versions, which emoji consist of.
///
/// # Errors
/// It holds control characters, or is too short or too long in this form.
pub(super) fn prepare(password: &str) -> Result<String, AccountRule> {
    if password.len() > MAX_TYPED {
        return Err(AccountRule::PasswordTooLong);
    }
    let prepared = opaque(password);
    if prepared.chars().any(char::is_control) {
        return Err(AccountRule::PasswordControls);
    }
    names::password(&prepared)?;
    Ok(prepared)
}

/// Whether a password can be one that was set, judged by its length. A longer one is refused before it is hashed.
pub(super) fn is_too_long(password: &str) -> bool {
    let most = *protocol::limits::PASSWORD.end();
    password.len() > MAX_TYPED || (password.len() > most && opaque(password).len() > most)
}

/// Bytes of a password as it is typed, from which on it is not looked at: a decomposed one is longer than it is in NFC.
const MAX_TYPED: usize = 4 * *protocol::limits::PASSWORD.end();

fn opaque(password: &str) -> String {
    let space = |c: char| {
        if c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }
    };
    password.chars().map(space).nfc().collect()
}

/// The forms of a password that a stored hash can be of: the current one first, then those that were hashed as they were typed.
fn forms(password: &str) -> Vec<String> {
    let mut forms = vec![opaque(password)];
    for other in [password.to_owned(), password.nfc().collect(), password.nfd().collect()] {
        if !forms.contains(&other) {
            forms.push(other);
        }
    }
    forms
}

/// Hashes and verifies passwords.
pub(super) struct Hasher {
    permits: Arc<Semaphore>,
}

impl Hasher {
    pub(super) fn new(permits: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(permits.max(1))) }
    }

    /// Hashes a password, which is prepared, with a new salt and the default cost; gives the PHC string.
    pub(super) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.work(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::Internal(format!("hashing a password: {error}")))
    }

    /// Whether the hash is of this password, in any of the forms that were hashed so far. Without a hash, and for an account
    /// without a password, whose hash is empty, the same work is done.
    pub(super) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<PasswordMatch> {
        let forms = forms(password);
        let hash = hash.filter(|hash| !hash.is_empty());
        let known = hash.is_some();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        let found = self
            .work(move || {
                let parsed = PasswordHash::new(&hash)?;
                let is = |form: &String| Argon2::default().verify_password(form.as_bytes(), &parsed).is_ok();
                let which = forms.iter().position(is);
                Ok::<_, argon2::password_hash::phc::Error>(
                    which.map(|which| (which, hash.starts_with(CURRENT))),
                )
            })
            .await?
            .map_err(|error| Error::Internal(format!("a stored password hash: {error}")))?;
        Ok(match found {
            Some((0, true)) if known => PasswordMatch::Same,
            Some(_) if known => PasswordMatch::Outdated,
            _ => PasswordMatch::Different,
        })
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
        assert_eq!(hasher.verify("correct horse", Some(&hash)).await.unwrap(), PasswordMatch::Same);
        assert_eq!(hasher.verify("correct horsf", Some(&hash)).await.unwrap(), PasswordMatch::Different);
        assert_eq!(hasher.verify("correct horse", None).await.unwrap(), PasswordMatch::Different);
    }

    #[test]
    fn v9_a_password_is_prepared_in_one_form() {
        for (typed, prepared) in [
            ("Zu\u{308}richsee", "Z\u{fc}richsee"),
            ("a\u{a0}b\u{3000}cdefg", "a b cdefg"),
            ("\u{1f469}\u{200d}\u{1f680}\u{2764}\u{fe0f}", "\u{1f469}\u{200d}\u{1f680}\u{2764}\u{fe0f}"),
            ("UPPER and lower", "UPPER and lower"),
        ] {
            assert_eq!(prepare(typed).as_deref(), Ok(prepared), "{typed:?}");
        }
        for (typed, rule) in [
            ("new\nline and more", AccountRule::PasswordControls),
            ("tab\tand more", AccountRule::PasswordControls),
            // Eight bytes as typed, seven in the form that counts.
            ("abcdeu\u{308}", AccountRule::PasswordTooShort),
        ] {
            assert_eq!(prepare(typed), Err(rule), "{typed:?}");
        }
        let long = "u\u{308}".repeat(500);
        assert_eq!(long.len(), 1_500);
        assert_eq!(prepare(&long).map(|prepared| prepared.len()), Ok(1_000));
        assert!(!is_too_long(&long) && is_too_long(&"x".repeat(1_025)));
        assert_eq!(prepare(&"x".repeat(1_000_000)), Err(AccountRule::PasswordTooLong));
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
