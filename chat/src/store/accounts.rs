//! What keeps accounts and sign-ins.

use crate::Result;
use async_trait::async_trait;
use protocol::{Person, Preferences, Timestamp, UserId};

/// An account with what only the server knows of it.
#[derive(Clone, Debug)]
pub struct Account {
    /// What others see.
    pub person: Person,
    /// argon2id, in PHC form.
    pub password_hash: String,
    /// Grows with each change of the password and each "sign out everywhere": older sign-ins are worth nothing.
    pub ver: i64,
    /// May run the installation: the first account.
    pub is_admin: bool,
    /// Shut out.
    pub suspended: bool,
    /// How this person wants to be shown things.
    pub preferences: Preferences,
}

/// How somebody shows themselves, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// The colour of the picture, 0 to 7; none: by the id.
    pub hue: Option<u8>,
}

/// An account to be made; the username is checked, the password hashed.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// As typed; unique when case-folded.
    pub username: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// argon2id, in PHC form.
    pub password_hash: String,
}

/// A sign-in that is kept: a browser's session, or a program's grant. `id` is a hash of the secret that the other side holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// What it is looked up by.
    pub id: String,
    /// Whose; none before sign-in.
    pub user: Option<UserId>,
    /// The library's record, or the grant's current refresh id.
    pub data: String,
    /// Then it is worth nothing.
    pub expires_at: Timestamp,
    /// What it was made on, in a few words; may be empty.
    pub device: String,
    /// When it was made: stays as it was kept first.
    pub began_at: Timestamp,
    /// When it was last used: a browser's to within five minutes, a program's when its tokens were made.
    pub used_at: Timestamp,
    /// The client's address at the sign-in, empty where it is not known: stays as it was kept first.
    pub address: String,
}

/// An end of sign-ins that running servers must hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Its number: grows.
    pub id: i64,
    /// Whose sign-ins.
    pub user: UserId,
    /// One sign-in; none: all of them.
    pub session: Option<String>,
}

/// Keeps accounts.
#[async_trait]
pub trait AccountStore: Send + Sync + 'static {
    /// Makes an account; the first one is the administrator. A name that is taken is refused with `conflict`.
    async fn create_account(&self, account: NewAccount, now: Timestamp) -> Result<Account>;
    /// Whether there is any account.
    async fn has_accounts(&self) -> Result<bool>;
    /// By id.
    async fn account(&self, id: UserId) -> Result<Option<Account>>;
    /// By username, case-folded.
    async fn account_by_name(&self, username: &str) -> Result<Option<Account>>;
    /// By usernames, case-folded; those that exist and are not suspended.
    async fn accounts_by_name(&self, usernames: &[String]) -> Result<Vec<Account>>;
    /// New names and picture; takes effect wherever the person stands, in stored messages too.
    async fn set_profile(&self, id: UserId, profile: &Profile) -> Result<Account>;
    /// New preferences, checked.
    async fn set_preferences(&self, id: UserId, preferences: &Preferences) -> Result<()>;
    /// New password hash; `ver` grows, all sign-ins but `keep` end and a revocation of all of them is noted.
    async fn set_password(
        &self,
        id: UserId,
        hash: &str,
        keep: Option<&str>,
        now: Timestamp,
    ) -> Result<Account>;
    /// `ver` grows, all sign-ins end, noted as a revocation.
    async fn revoke_all(&self, id: UserId, now: Timestamp) -> Result<()>;
    /// All sign-ins but `keep` end, noted as a revocation of all.
    async fn end_other_sessions(&self, id: UserId, keep: &str, now: Timestamp) -> Result<()>;
    /// Shuts out (all sign-ins end, noted) or lets in again.
    async fn suspend(&self, id: UserId, suspended: bool, now: Timestamp) -> Result<()>;
    /// Deletes an account that never belonged to a person (those of `rapport check`), with its conversations.
    async fn delete_account(&self, id: UserId) -> Result<()>;

    /// Keeps a sign-in, in place of one with the same id.
    async fn save_session(&self, session: StoredSession) -> Result<()>;
    /// Looks one up; expired ones are not there.
    async fn session(&self, id: &str, now: Timestamp) -> Result<Option<StoredSession>>;
    /// The account of a sign-in that has not expired and is this person's.
    async fn signed_in(&self, id: &str, user: UserId, now: Timestamp) -> Result<Option<Account>>;
    /// A person's sign-ins that have not expired.
    async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<StoredSession>>;
    /// Swaps a grant's `data` if it is still `from`, which is a use of it; false when it is not (a refresh token used twice).
    async fn swap_session(
        &self,
        id: &str,
        from: &str,
        to: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool>;
    /// Ends one, noted as a revocation when it was somebody's.
    async fn end_session(&self, id: &str, now: Timestamp) -> Result<()>;
    /// Sweeps out what expired.
    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64>;
    /// Revocations with an id above `after`, in order.
    async fn revocations(&self, after: i64) -> Result<Vec<Revocation>>;
    /// The last revocation's id; 0 when there is none.
    async fn last_revocation(&self) -> Result<i64>;
}
