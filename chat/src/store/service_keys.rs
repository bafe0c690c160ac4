//! Storage of service keys.

use super::TokenHash;
use crate::Result;
use async_trait::async_trait;
use protocol::{KeyScope, Timestamp};

/// A service key to store; the name is validated.
#[derive(Clone, Debug)]
pub struct NewServiceKey {
    /// Its name, unique among the keys that are not revoked.
    pub name: String,
    /// The hash of the key.
    pub hash: TokenHash,
    /// The scopes of the key, each once.
    pub scopes: Vec<KeyScope>,
}

/// A stored service key, without the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredServiceKey {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The scopes of the key.
    pub scopes: Vec<KeyScope>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its last use, to within an hour; `None` if it was never used.
    pub last_used_at: Option<Timestamp>,
    /// The time of its revocation; `None` if it is valid.
    pub revoked_at: Option<Timestamp>,
}

/// Storage of service keys.
#[async_trait]
pub trait ServiceKeyStore: Send + Sync + 'static {
    /// Adds a key.
    ///
    /// # Errors
    /// `conflict` if a key that is not revoked has this name, `id_conflict` if another key, also a revoked one, has this hash.
    async fn add_service_key(&self, new: &NewServiceKey, now: Timestamp) -> Result<StoredServiceKey>;
    /// Reads all keys, the revoked ones included, in the order of their creation.
    async fn service_keys(&self) -> Result<Vec<StoredServiceKey>>;
    /// Reads the key with this hash, if it is not revoked.
    async fn service_key(&self, hash: TokenHash) -> Result<Option<StoredServiceKey>>;
    /// Revokes a key; `false` if there is none with this number, or it is revoked already.
    async fn revoke_service_key(&self, id: i64, now: Timestamp) -> Result<bool>;
    /// Notes the use of a key, unless a use after `unless_after` is noted already.
    async fn note_service_key_use(&self, id: i64, now: Timestamp, unless_after: Timestamp) -> Result<()>;
}
