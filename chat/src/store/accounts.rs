//! Storage of accounts and sign-ins.

use crate::Result;
use async_trait::async_trait;
use protocol::{AddableBy, Person, Preferences, Timestamp, UserId};

/// An account, with the data that only the server sees.
#[derive(Clone, Debug)]
pub struct Account {
    /// The public part.
    pub person: Person,
    /// argon2id, in PHC form; empty for an imported account, until an operator sets a password.
    pub password_hash: String,
    /// Grows with each change of the password and each "sign out everywhere"; tokens with an older one are invalid.
    pub ver: i64,
    /// Whether this is the administrator: the first person's account.
    pub is_admin: bool,
    /// Whether sign-ins are refused.
    pub suspended: bool,
    /// How often the rate limits of sign-ins as this account were lifted.
    pub unlocks: i64,
    /// The preferences for all devices.
    pub preferences: Preferences,
}

/// A change of the names, the colour and the picture of a person, validated. Fields that are `None` stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// First name; may be empty.
    pub first_name: Option<String>,
    /// Last name; may be empty.
    pub last_name: Option<String>,
    /// The colour of the picture, 0 to 7; `Some(None)`: derived from the id.
    pub hue: Option<Option<u8>>,
    /// The https URL of the shown picture, at most 2,048 characters; `Some(None)`: none. Only single sign-on changes it.
    pub picture: Option<Option<String>>,
}

/// Whose account it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountKind {
    /// A person's. The first one is the administrator.
    #[default]
    Person,
    /// Of `rapport check`, which deletes it at its end.
    Temporary,
    /// Of a fixture for measurements: never the administrator.
    Fixture,
    /// Of a program that writes as itself, marked as such: never the administrator.
    Bot,
}

impl AccountKind {
    /// The stored number. Bots have a mark besides.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Person => 0,
            Self::Temporary => 1,
            Self::Fixture | Self::Bot => 2,
        }
    }
}

/// An account to create; the username is validated, the password hashed.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Username as typed; unique when case-folded.
    pub username: String,
    /// First name; may be empty.
    pub first_name: String,
    /// Last name; may be empty.
    pub last_name: String,
    /// argon2id, in PHC form.
    pub password_hash: String,
    /// Whose account it is.
    pub kind: AccountKind,
    /// Whom the person lets add them to groups.
    pub addable_by: AddableBy,
    /// SHA-256 of the request that registers the account, if its client may repeat it.
    pub request_hash: Option<[u8; 32]>,
}

/// A stored sign-in: a browser's web session, or the grant of a program's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSignIn {
    /// Hash of the secret that the client holds.
    pub id: String,
    /// The person; `None` for a web session before sign-in.
    pub user: Option<UserId>,
    /// The session library's record, or the id of the grant's current refresh token.
    pub data: String,
    /// The time of expiry.
    pub expires_at: Timestamp,
    /// Short description of browser and device; may be empty.
    pub device: String,
    /// The time of the sign-in. Later saves do not change it.
    pub began_at: Timestamp,
    /// The time of the last use: of a web session to within five minutes, of a grant when its tokens were issued.
    pub used_at: Timestamp,
    /// The client's address at the sign-in; empty if unknown. Later saves do not change it.
    pub address: String,
}

/// Outcome of the use of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSwap {
    /// It was the current one, and is replaced.
    Replaced,
    /// It was replaced a moment ago, and the tokens that replaced it are unused: the answer was probably lost. The id of the
    /// current refresh token.
    Repeated(String),
    /// It was replaced before, or the grant has ended.
    Reused,
}

/// The end of one or all sign-ins of a person, for other nodes to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Number in the order of commits.
    pub id: i64,
    /// The person.
    pub user: UserId,
    /// The id of the sign-in; `None`: all of them.
    pub session: Option<String>,
}

/// Storage of accounts and sign-ins.
#[async_trait]
pub trait AccountStore: Send + Sync + 'static {
    /// Creates an account; the first person is the administrator. A name that is taken is refused with `conflict`.
    async fn create_account(&self, account: NewAccount, now: Timestamp) -> Result<Account>;
    /// Whether there is any account, except temporary ones.
    async fn has_accounts(&self) -> Result<bool>;
    /// Reads an account by its id.
    async fn account(&self, id: UserId) -> Result<Option<Account>>;
    /// Reads an account by its username, case-folded.
    async fn account_by_name(&self, username: &str) -> Result<Option<Account>>;
    /// Reads the account of this username, case-folded, that a request with this hash registered at this time or later. A suspended
    /// one is left out.
    async fn registered_account(
        &self,
        username: &str,
        request_hash: [u8; 32],
        since: Timestamp,
    ) -> Result<Option<Account>>;
    /// Reads accounts by their usernames, case-folded: those that exist and are not suspended.
    async fn accounts_by_name(&self, usernames: &[String]) -> Result<Vec<Account>>;
    /// Changes names and colour, which stored messages of the person show too.
    async fn change_profile(&self, id: UserId, change: &ProfileChange) -> Result<Account>;
    /// Sets the password hash, increments `ver`, ends all sign-ins but `keep`, and writes a revocation of all.
    async fn set_password(
        &self,
        id: UserId,
        hash: &str,
        keep: Option<&str>,
        now: Timestamp,
    ) -> Result<Account>;
    /// Replaces the hash of the same password, if it is still `old`. Ends no sign-ins.
    async fn renew_password_hash(&self, id: UserId, old: &str, new: &str) -> Result<()>;
    /// Increments `ver`, ends all sign-ins, and writes a revocation of all.
    async fn revoke_all(&self, id: UserId, now: Timestamp) -> Result<()>;
    /// Ends all sign-ins but `keep`, and writes a revocation of all.
    async fn end_other_sign_ins(&self, id: UserId, keep: &str, now: Timestamp) -> Result<()>;
    /// Suspends an account, which ends all sign-ins and writes a revocation, or ends its suspension.
    async fn suspend(&self, id: UserId, suspended: bool, now: Timestamp) -> Result<()>;
    /// The temporary accounts, with the times of their creation. Those of a check that was killed stay until somebody deletes
    /// them.
    async fn temporary_accounts(&self) -> Result<Vec<(Person, Timestamp)>>;
    /// Increments the account's `unlocks`.
    async fn unlock(&self, id: UserId) -> Result<()>;
    /// Reads the ids of all suspended people.
    async fn suspended(&self) -> Result<Vec<UserId>>;
    /// Deletes an account that never belonged to a person (those of `rapport check`), with its conversations.
    async fn delete_account(&self, id: UserId) -> Result<()>;

    /// Creates a sign-in. Its id is not in use.
    async fn create_sign_in(&self, session: StoredSignIn) -> Result<()>;
    /// Updates a sign-in, except its beginning and address; `false` if there is none with this id: one that was ended stays
    /// ended, whatever was under way meanwhile.
    async fn update_sign_in(&self, session: StoredSignIn) -> Result<bool>;
    /// Reads a sign-in that has not expired.
    async fn sign_in(&self, id: &str, now: Timestamp) -> Result<Option<StoredSignIn>>;
    /// Reads the account of a sign-in that has not expired and is this person's.
    async fn signed_in(&self, id: &str, user: UserId, now: Timestamp) -> Result<Option<Account>>;
    /// Reads a person's sign-ins that have not expired.
    async fn sign_ins_of(&self, user: UserId, now: Timestamp) -> Result<Vec<StoredSignIn>>;
    /// Replaces a grant's `data` if it is still `from`, and notes the use. [`TokenSwap::Repeated`] if `from` was replaced after
    /// `repeat_after` and [`Self::confirm_sign_in`] was not called since.
    async fn swap_sign_in(
        &self,
        id: &str,
        from: &str,
        to: &str,
        expires_at: Timestamp,
        now: Timestamp,
        repeat_after: Timestamp,
    ) -> Result<TokenSwap>;
    /// Notes that the tokens of the refresh token `current` are in use, so that the one before them is not accepted again.
    async fn confirm_sign_in(&self, id: &str, current: &str) -> Result<()>;
    /// Ends a sign-in, and writes a revocation if it was a person's.
    async fn end_sign_in(&self, id: &str, now: Timestamp) -> Result<()>;
    /// Deletes expired sign-ins and old revocations; returns the number of the sign-ins.
    async fn delete_expired_sign_ins(&self, now: Timestamp) -> Result<u64>;
    /// Reads revocations with an id above `after`, in order.
    async fn revocations(&self, after: i64) -> Result<Vec<Revocation>>;
    /// Reads the id of the last revocation; 0 if there is none.
    async fn last_revocation(&self) -> Result<i64>;
}
