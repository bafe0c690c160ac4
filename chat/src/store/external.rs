//! Storage of single sign-on: the accounts of products' people, and the tokens that were used.

use super::{Account, NewAccount};
use crate::Result;
use async_trait::async_trait;
use protocol::Timestamp;

/// A person of a product, as its token describes them; validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentity {
    /// The token's `iss`; 1 to 255 characters.
    pub issuer: String,
    /// The token's `sub`, the product's own id of the person; 1 to 255 characters.
    pub subject: String,
    /// The https URL of a picture; at most 2,048 characters.
    pub picture: Option<String>,
    /// The person's role in the product; at most 64 characters.
    pub role: Option<String>,
}

/// How a product names its person.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ProductIdentity {
    /// The `iss` of the person's tokens.
    pub issuer: String,
    /// The `sub` of the person's tokens.
    pub sub: String,
}

/// A hand-over token, which can be used once.
#[derive(Clone, Copy, Debug)]
pub struct HandOver {
    /// SHA-256 of what identifies the token.
    pub hash: [u8; 32],
    /// The time from which on the token is refused as expired, and may be forgotten.
    pub expires_at: Timestamp,
}

/// The outcome of a sign-in by a token.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one lives as long as a sign-in")]
pub enum ExternalSignIn {
    /// The token was used before.
    Replayed,
    /// The identity has no account.
    Unknown,
    /// The account of the identity.
    Known(Account),
}

/// Storage of single sign-on. A token is noted as used in the transaction of the sign-in: one that fails leaves it usable.
#[async_trait]
pub trait ExternalIdentityStore: Send + Sync + 'static {
    /// Reads the account of the identity's issuer and subject, and stores its picture and role if they changed. Nothing is stored, and
    /// the token is not used up, if there is no account or it is suspended.
    async fn external_account(&self, identity: &ExternalIdentity, token: HandOver) -> Result<ExternalSignIn>;
    /// Reads the account of an issuer and subject.
    async fn account_of_identity(&self, issuer: &str, subject: &str) -> Result<Option<Account>>;
    /// Creates the account of an identity, which is never the administrator; gives the account that the identity has, if another
    /// request created it meanwhile. Without a token nobody signs in: a product names the person. A name that is taken is refused
    /// with `conflict`. Never `Unknown`.
    async fn create_external_account(
        &self,
        identity: &ExternalIdentity,
        account: NewAccount,
        token: Option<HandOver>,
        now: Timestamp,
    ) -> Result<ExternalSignIn>;
    /// Deletes the tokens that have expired; returns their number.
    async fn sweep_used_tokens(&self, now: Timestamp) -> Result<u64>;
}
