//! Who is asking: accounts, passwords, sign-ins, tokens.

use crate::Result;
use crate::store::Account;
use protocol::{Person, Timestamp, UserId};

/// Somebody who proved who they are, by one sign-in.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who.
    pub person: Person,
    /// The sign-in: the stored session's id, or a grant's.
    pub sign_in: String,
    /// When the proof ends by itself (a token's `exp`).
    pub expires_at: Option<Timestamp>,
    /// May run the installation.
    pub is_admin: bool,
}

/// What a program signs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPair {
    /// HS256, one hour.
    pub access: String,
    /// Swapped at each use, thirty days.
    pub refresh: String,
}

/// What somebody registers with.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// 3 to 32 of letters, digits, `_ . -`.
    pub username: String,
    /// 8 to 1,024 bytes.
    pub password: String,
    /// May be empty; at most 80 characters.
    pub first_name: String,
    /// May be empty; at most 80 characters.
    pub last_name: String,
}

/// Accounts, sign-ins, tokens.
pub struct Accounts {}

impl Accounts {
    /// Makes an account. Refuses a bad name or password (`invalid`) before hashing, a taken name with `conflict`.
    pub async fn register(&self, registration: Registration) -> Result<Account> {
        todo!()
    }

    /// Name and password. An unknown name costs the same hashing work and gets the same `not_authenticated`.
    pub async fn sign_in(&self, username: &str, password: &str) -> Result<Account> {
        todo!()
    }

    /// Changes the password; ends all other sign-ins, keeps the asker's (a browser session whose `ver` is then renewed).
    pub async fn change_password(&self, who: &Identity, current: &str, new: &str) -> Result<Account> {
        todo!()
    }

    /// Ends all sign-ins of a person, everywhere.
    pub async fn sign_out_everywhere(&self, user: UserId) -> Result<()> {
        todo!()
    }

    /// Ends one sign-in.
    pub async fn sign_out(&self, sign_in: &str) -> Result<()> {
        todo!()
    }

    /// Shuts somebody out, or lets them in again.
    pub async fn suspend(&self, username: &str, suspended: bool) -> Result<()> {
        todo!()
    }

    /// A pair of tokens for a program (a new grant).
    pub async fn issue(&self, account: &Account) -> Result<TokenPair> {
        todo!()
    }

    /// A new pair for a refresh token; a token used twice ends its grant.
    pub async fn refresh(&self, refresh: &str) -> Result<TokenPair> {
        todo!()
    }

    /// Who an access token is. Refuses any other algorithm, key or audience, and what has expired, was signed out or
    /// is older than the last change of password.
    pub async fn by_token(&self, access: &str) -> Result<Identity> {
        todo!()
    }

    /// Who a browser's session is; `None` when it ended.
    pub async fn by_session(&self, sign_in: &str, user: UserId, ver: i64) -> Result<Option<Identity>> {
        todo!()
    }
}
