//! Service keys: credentials by which products use the API as themselves. A key acts for no person, and no person's credential is
//! a key.

use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::store::{NewServiceKey, Store, StoredServiceKey, TokenHash};
use crate::{Clock, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use protocol::{ClientId, ErrorBody, ErrorCode, KeyScope, Timestamp};
use sha2::Sha256;
use std::sync::Arc;

/// Distinguishes keys from other tokens, for people and for programs that search files for secrets.
const PREFIX: &str = "rk_";
/// Random bytes of a key: 256 bits.
const KEY_BYTES: usize = 32;
/// Length of a key: the prefix, and the bytes as base64url.
const KEY_LENGTH: usize = PREFIX.len() + 43;
/// Maximum length of a name.
const MAX_NAME: usize = 64;
/// Resolution of the time of the last use, in microseconds.
const USE_RESOLUTION_MICROS: i64 = 60 * 60 * 1_000_000;

/// A request by a service key, by which a repeat is known.
#[derive(Clone, Copy, Debug)]
pub struct KeyRequest {
    /// The number of the service key.
    pub service_key: i64,
    /// The id of the request, one per key.
    pub client_id: ClientId,
}

/// The service keys of the installation.
pub struct ServiceKeys {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    secret: Vec<u8>,
}

impl ServiceKeys {
    /// The keys in this store, of an installation with this secret.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, secret: &[u8]) -> Self {
        Self { store, clock, secret: secret.to_vec() }
    }

    /// Creates a key, and returns it with what is stored of it. Nobody can read the key again.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for a name that breaks the rule or no scope, [`ErrorCode::Conflict`] for a name that is taken.
    pub async fn add(&self, name: &str, scopes: Vec<KeyScope>) -> Result<(String, StoredServiceKey)> {
        self.store_key(name, scopes, generate()?).await
    }

    /// Like [`Self::add`], for a request that may be repeated while the key is valid: a repeat gets the same key, which is derived
    /// from the secret of the server.
    ///
    /// # Errors
    /// The errors of [`Self::add`]; [`ErrorCode::IdConflict`] if the caller gave the id to a request for another key, or for one that is revoked.
    pub async fn add_by(
        &self,
        name: &str,
        scopes: Vec<KeyScope>,
        request: KeyRequest,
    ) -> Result<(String, StoredServiceKey)> {
        let key = derive(&self.secret, request)?;
        let Some(stored) = self.store.service_key(TokenHash::of(&key)).await? else {
            return self.store_key(name, scopes, key).await;
        };
        if stored.name != name || stored.scopes != sorted(scopes) {
            return Err(ErrorCode::IdConflict.into());
        }
        Ok((key, stored))
    }

    async fn store_key(
        &self,
        name: &str,
        scopes: Vec<KeyScope>,
        key: String,
    ) -> Result<(String, StoredServiceKey)> {
        check_name(name)?;
        let scopes = sorted(scopes);
        if scopes.is_empty() {
            return Err(ErrorBody::because(ErrorCode::Invalid, "A key has one scope or more").into());
        }
        let new = NewServiceKey { name: name.to_owned(), hash: TokenHash::of(&key), scopes };
        let stored = self.store.add_service_key(&new, self.clock.now()).await?;
        AuditEvent::new(AuditAction::AddServiceKey, AuditOutcome::Ok).key(stored.id).emit();
        Ok((key, stored))
    }

    /// All keys, the revoked ones included, in the order of their creation.
    pub async fn list(&self) -> Result<Vec<StoredServiceKey>> {
        self.store.service_keys().await
    }

    /// Revokes the key with this name or number, on all nodes from now on.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is none, or it is revoked already.
    pub async fn revoke(&self, name_or_id: &str) -> Result<StoredServiceKey> {
        let none = || ErrorBody::because(ErrorCode::NotFound, format!("There is no valid key {name_or_id}"));
        let id = name_or_id.parse::<i64>().ok();
        let mut keys = self.store.service_keys().await?.into_iter().filter(|key| key.revoked_at.is_none());
        let key = keys.find(|key| key.name == name_or_id || Some(key.id) == id).ok_or_else(none)?;
        if !self.store.revoke_service_key(key.id, self.clock.now()).await? {
            return Err(none().into());
        }
        AuditEvent::new(AuditAction::RevokeServiceKey, AuditOutcome::Ok).key(key.id).emit();
        Ok(key)
    }

    /// The key that a request presents; `None` if it is unknown or revoked. It is read at each request, so that a revocation takes
    /// effect at once on all nodes.
    pub async fn by_token(&self, token: &str) -> Result<Option<StoredServiceKey>> {
        let found = if token.len() == KEY_LENGTH && token.starts_with(PREFIX) {
            // The time of a search by the hash of a random key tells nothing about other keys.
            self.store.service_key(TokenHash::of(token)).await?
        } else {
            None
        };
        match &found {
            None => AuditEvent::new(AuditAction::UseServiceKey, AuditOutcome::Refused).emit(),
            Some(key) => self.note_use(key).await,
        }
        Ok(found)
    }

    /// Notes the use of a key. A failure is logged only: it must not refuse requests while the database cannot be written.
    async fn note_use(&self, key: &StoredServiceKey) {
        let now = self.clock.now();
        let unless_after = Timestamp(now.0 - USE_RESOLUTION_MICROS);
        if key.last_used_at.is_some_and(|at| at > unless_after) {
            return;
        }
        if let Err(error) = self.store.note_service_key_use(key.id, now, unless_after).await {
            tracing::warn!(cause = %error, "the use of a service key cannot be noted");
        }
    }
}

/// Scopes in their order, each once.
fn sorted(mut scopes: Vec<KeyScope>) -> Vec<KeyScope> {
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Checks the name of a key. It begins with a letter, so that no name is the number of another key.
fn check_name(name: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(allowed)
    {
        return Ok(());
    }
    let why = format!(
        "The name of a key begins with a letter and has at most {MAX_NAME} letters (a to z), digits, and _ . -"
    );
    Err(ErrorBody::because(ErrorCode::Invalid, why).into())
}

/// A new key.
fn generate() -> Result<String> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(text(bytes))
}

/// The key of a request: always the same, and known only to who knows the secret of the server.
fn derive(secret: &[u8], request: KeyRequest) -> Result<String> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret).map_err(|error| Error::Internal(error.to_string()))?;
    mac.update(b"rapport service key of a request\0");
    mac.update(&request.service_key.to_be_bytes());
    mac.update(request.client_id.0.as_bytes());
    Ok(text(mac.finalize().into_bytes().into()))
}

fn text(bytes: [u8; KEY_BYTES]) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_a_key_has_256_random_bits_and_its_prefix() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        assert_eq!((one.len(), &one[..3]), (KEY_LENGTH, PREFIX));
        assert_ne!(one, other);
    }

    #[test]
    fn x1_the_key_of_a_request_depends_on_the_server_and_on_who_asks() {
        let client_id = protocol::ClientId::mint();
        let key = |secret: &[u8], service_key| derive(secret, KeyRequest { service_key, client_id }).unwrap();
        assert_eq!(key(b"one", 7), key(b"one", 7));
        assert!(key(b"one", 7) != key(b"other", 7) && key(b"one", 7) != key(b"one", 8));
        assert_eq!(key(b"one", 7).len(), KEY_LENGTH);
    }

    #[test]
    fn x1_names_of_keys_are_no_numbers() {
        for name in ["shop", "s", "Shop-2.de_x"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "7", "7up", "-x", "a b", "ä", "a\n", &"n".repeat(65)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
