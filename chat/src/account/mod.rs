//! Accounts: people, passwords, tokens, sign-ins.

mod external;
mod identify;
mod jwt;
mod names;
mod password;
mod profile;
mod repeated_registration;
mod sign_in_error;
mod sign_ins;
#[cfg(test)]
mod tests;
mod tokens;

use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::store::{Account, AccountKind, NewAccount, Store};
use crate::{Clock, Error, Limits, Result, bus::Bus};
pub use external::{ExternalPerson, HandOver, SingleSignOnError};
use jwt::Signer;
pub use names::AccountRule;
pub(crate) use names::{name as normalise_name, username as check_username};
use password::{Hasher, PasswordMatch};
use protocol::{AddableBy, ErrorBody, ErrorCode, Person, Preferences, Timestamp, UserId};
pub use sign_in_error::SignInError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// An authenticated person, with the sign-in.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The person.
    pub person: Person,
    /// The id of the sign-in: of a cookie session, or of a grant of tokens.
    pub sign_in: String,
    /// The expiry of the credential (a token's `exp`); `None` for cookie sessions.
    pub expires_at: Option<Timestamp>,
    /// Whether the person may administrate the installation.
    pub is_admin: bool,
    /// The person's preferences.
    pub preferences: Preferences,
}

impl Identity {
    /// The time until the credential expires, zero if it has expired; `None` if it does not expire.
    pub(crate) fn time_left(&self, now: Timestamp) -> Option<Duration> {
        let left = |at: Timestamp| Duration::from_micros(u64::try_from(at.0 - now.0).unwrap_or(0));
        self.expires_at.map(left)
    }
}

/// The tokens of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPair {
    /// Access token: a JWT (HS256), valid for one hour.
    pub access: String,
    /// Refresh token: valid for thirty days, replaced at each use.
    pub refresh: String,
}

/// The data of a registration.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// 3 to 32 letters, digits, `_`, `.`, `-`.
    pub username: String,
    /// 8 to 1,024 bytes.
    pub password: String,
    /// First name; at most 80 characters, may be empty.
    pub first_name: String,
    /// Last name; at most 80 characters, may be empty.
    pub last_name: String,
}

impl Registration {
    /// The first invalid field, and the rule that it breaks.
    #[must_use]
    pub fn broken_rule(&self) -> Option<(&'static str, AccountRule)> {
        let field = |field, rule: Option<AccountRule>| rule.map(|rule| (field, rule));
        field("username", names::username(&self.username).err())
            .or_else(|| field("first_name", broken_name_rule(&self.first_name)))
            .or_else(|| field("last_name", broken_name_rule(&self.last_name)))
            .or_else(|| field("password", broken_password_rule(&self.password)))
    }
}

/// The rule that a first or last name breaks, if it is invalid.
#[must_use]
pub fn broken_name_rule(name: &str) -> Option<AccountRule> {
    names::name(name).err()
}

/// The rule that a new password breaks, if it is invalid.
#[must_use]
pub fn broken_password_rule(password: &str) -> Option<AccountRule> {
    password::prepare(password).err()
}

/// Accounts, sign-ins, tokens.
pub struct Accounts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    hasher: Hasher,
    signer: Signer,
    /// Whom new people let add them to groups.
    addable_by: AddableBy,
    /// For notifications about changes; `None` on the command line.
    bus: Option<Arc<dyn Bus>>,
    /// Wakes the task that ends the connections of ended sign-ins.
    ended: Arc<Notify>,
}

impl Accounts {
    /// Creates the accounts service. `secret` signs the tokens; at least 32 bytes.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, limits: &Limits, secret: &[u8]) -> Self {
        let (hasher, signer) = (Hasher::new(limits.hashing_permits), Signer::new(secret));
        Self { store, clock, hasher, signer, addable_by: limits.addable_by, bus: None, ended: Arc::default() }
    }

    /// Notifies of changes over this bus.
    pub(crate) fn notify(mut self, bus: Arc<dyn Bus>) -> Self {
        self.bus = Some(bus);
        self
    }

    /// The HMAC-SHA256 of a text under the secret, base64url: 43 letters. No token that is signed can have the same text, as long as
    /// it contains a space.
    ///
    /// # Errors
    /// [`Error::Internal`] if the library refuses.
    pub(crate) fn keyed_hash(&self, text: &str) -> Result<String> {
        self.signer.keyed_hash(text).ok_or_else(|| Error::Internal("no keyed hash".into()))
    }

    /// Creates an account.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for a name or password, before hashing; [`ErrorCode::Conflict`] for a username that is taken.
    pub async fn register(&self, registration: Registration) -> Result<Account> {
        self.register_as(registration, AccountKind::Person).await
    }

    /// Creates an account of this kind.
    ///
    /// # Errors
    /// The errors of [`Self::register`].
    pub async fn register_as(&self, registration: Registration, kind: AccountKind) -> Result<Account> {
        self.create(registration, kind, None).await
    }

    async fn create(
        &self,
        registration: Registration,
        kind: AccountKind,
        request_hash: Option<[u8; 32]>,
    ) -> Result<Account> {
        if let Some((_, rule)) = registration.broken_rule() {
            return Err(rule.into());
        }
        let first_name = names::name(&registration.first_name)?;
        let last_name = names::name(&registration.last_name)?;
        if self.store.account_by_name(&registration.username).await?.is_some() {
            return Err(ErrorBody::because(ErrorCode::Conflict, "This username is taken").into());
        }
        let password_hash = self.hasher.hash(&password::prepare(&registration.password)?).await?;
        let username = registration.username;
        let addable_by = match kind {
            AccountKind::Person => self.addable_by,
            AccountKind::Bot => AddableBy::Nobody,
            AccountKind::Temporary | AccountKind::Fixture => AddableBy::Everyone,
        };
        let account =
            NewAccount { username, first_name, last_name, password_hash, kind, addable_by, request_hash };
        let account = self.store.create_account(account, self.clock.now()).await?;
        AuditEvent::new(AuditAction::Register, AuditOutcome::Ok).by(account.person.id).emit();
        Ok(account)
    }

    /// Signs in by username and password. An unknown name costs the same hashing work and fails with the same error as a
    /// wrong password.
    pub async fn sign_in(&self, username: &str, password: &str) -> Result<Account, SignInError> {
        // No account has such a password. The refusal discloses nothing about usernames.
        if password::is_too_long(password) {
            return Err(Error::from(AccountRule::PasswordTooLong).into());
        }
        let account = match names::username(username) {
            Ok(()) => self.store.account_by_name(username).await?,
            Err(_) => None,
        };
        let hash = account.as_ref().map(|account| account.password_hash.as_str());
        let found = self.hasher.verify(password, hash).await?;
        let matches = found != PasswordMatch::Different;
        let lets_in = account.as_ref().is_some_and(|account| matches && !account.suspended);
        // The name is not logged: some people type their password there.
        let event = AuditEvent::new(
            AuditAction::SignIn,
            if lets_in { AuditOutcome::Ok } else { AuditOutcome::Refused },
        );
        match &account {
            Some(account) => event.by(account.person.id).emit(),
            None => event.emit(),
        }
        match account {
            Some(account) if matches && account.suspended => Err(SignInError::Suspended),
            Some(account) if found == PasswordMatch::Outdated => {
                self.renew_hash(&account, password).await;
                Ok(account)
            }
            Some(account) if matches => Ok(account),
            _ => Err(SignInError::Wrong),
        }
    }

    /// Replaces an outdated hash of this password. A failure is logged only, since the old hash stays good. A password that is
    /// not allowed any more keeps its hash.
    async fn renew_hash(&self, account: &Account, password: &str) {
        let Ok(prepared) = password::prepare(password) else { return };
        let renewed = async {
            let hash = self.hasher.hash(&prepared).await?;
            self.store.renew_password_hash(account.person.id, &account.password_hash, &hash).await
        };
        if let Err(error) = renewed.await {
            tracing::warn!(cause = %error, "a password hash cannot be renewed");
        }
    }

    /// Changes the password, and ends all sign-ins except the current one. The account has a new `ver`, which the caller stores in
    /// the cookie session.
    ///
    /// # Errors
    /// [`ErrorCode::Forbidden`] if the current password is wrong, [`ErrorCode::Invalid`] for the new one.
    pub async fn change_password(&self, who: &Identity, current: &str, new: &str) -> Result<Account> {
        let new = password::prepare(new)?;
        let gone = || Error::from(ErrorCode::NotAuthenticated);
        let account = self.store.account(who.person.id).await?.ok_or_else(gone)?;
        if password::is_too_long(current)
            || self.hasher.verify(current, Some(&account.password_hash)).await? == PasswordMatch::Different
        {
            AuditEvent::new(AuditAction::ChangePassword, AuditOutcome::Refused).by(who.person.id).emit();
            return Err(ErrorBody::because(ErrorCode::Forbidden, "The current password is not right").into());
        }
        let hash = self.hasher.hash(&new).await?;
        let account =
            self.store.set_password(who.person.id, &hash, Some(&who.sign_in), self.clock.now()).await?;
        self.sign_in_ended();
        AuditEvent::new(AuditAction::ChangePassword, AuditOutcome::Ok).by(who.person.id).emit();
        Ok(account)
    }

    /// Sets the password of an account, for administrators, and ends all of its sign-ins.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is no such account, [`ErrorCode::Invalid`] for the password, [`ErrorCode::Forbidden`] for a
    /// bot: nobody signs in as one.
    pub async fn reset_password(&self, username: &str, new: &str) -> Result<()> {
        let new = password::prepare(new)?;
        let account = self.lookup(username).await?;
        if account.person.bot {
            return Err(ErrorBody::because(ErrorCode::Forbidden, "A bot has no password").into());
        }
        let hash = self.hasher.hash(&new).await?;
        self.store.set_password(account.person.id, &hash, None, self.clock.now()).await?;
        self.sign_in_ended();
        AuditEvent::new(AuditAction::ResetPassword, AuditOutcome::Ok).user(account.person.id).emit();
        Ok(())
    }

    /// Ends all sign-ins of a person.
    pub async fn sign_out_everywhere(&self, user: UserId) -> Result<()> {
        self.store.revoke_all(user, self.clock.now()).await?;
        self.sign_in_ended();
        AuditEvent::new(AuditAction::SignOutEverywhere, AuditOutcome::Ok).by(user).emit();
        Ok(())
    }

    /// Ends the current sign-in.
    pub async fn sign_out(&self, who: &Identity) -> Result<()> {
        self.store.end_sign_in(&who.sign_in, self.clock.now()).await?;
        self.sign_in_ended();
        AuditEvent::new(AuditAction::SignOut, AuditOutcome::Ok).by(who.person.id).emit();
        Ok(())
    }

    /// Suspends an account, or lifts the suspension.
    pub async fn suspend(&self, username: &str, suspended: bool) -> Result<()> {
        let account = self.lookup(username).await?;
        self.store.suspend(account.person.id, suspended, self.clock.now()).await?;
        self.sign_in_ended();
        let action = if suspended { AuditAction::Suspend } else { AuditAction::LiftSuspension };
        AuditEvent::new(action, AuditOutcome::Ok).user(account.person.id).emit();
        Ok(())
    }

    /// Lifts the rate limits of sign-ins as this account, on all nodes.
    pub async fn unlock(&self, username: &str) -> Result<()> {
        let account = self.lookup(username).await?;
        self.store.unlock(account.person.id).await?;
        AuditEvent::new(AuditAction::Unlock, AuditOutcome::Ok).user(account.person.id).emit();
        Ok(())
    }

    /// How often the rate limits of sign-ins as this username were lifted; 0 if there is no such account.
    pub async fn unlocks(&self, username: &str) -> Result<i64> {
        Ok(self.find(username).await?.map_or(0, |account| account.unlocks))
    }

    /// The account with this username, without regard to case; `None` if there is none.
    pub async fn find(&self, username: &str) -> Result<Option<Account>> {
        if names::username(username).is_err() {
            return Ok(None);
        }
        self.store.account_by_name(username).await
    }

    /// Looks up an account by its username, for administrators.
    pub async fn lookup(&self, username: &str) -> Result<Account> {
        self.store.account_by_name(username).await?.ok_or_else(|| {
            ErrorBody::because(ErrorCode::NotFound, format!("There is no account named {username}")).into()
        })
    }
}
