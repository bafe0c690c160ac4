//! Registrations that are repeated because their answer was lost.

use super::password::PasswordMatch;
use super::{Accounts, Registration};
use crate::Result;
use crate::store::{Account, AccountKind};
use protocol::{ClientId, Timestamp};
use sha2::{Digest as _, Sha256};

/// Time within which a registration may be repeated, in microseconds: a day.
const REPEATED_WITHIN_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

impl Accounts {
    /// Creates an account by a request with this id, which [`Self::registered_by`] finds again.
    ///
    /// # Errors
    /// The errors of [`Self::register`].
    pub async fn register_by(&self, registration: Registration, request: ClientId) -> Result<Account> {
        let hash = request_hash(&registration, request);
        self.create(registration, AccountKind::Person, Some(hash)).await
    }

    /// The account that this request created within a day, whatever password it has. The caller checks that, under the rate limit of
    /// passwords, by [`Self::has_password`].
    pub async fn registered_by(
        &self,
        registration: &Registration,
        request: ClientId,
    ) -> Result<Option<Account>> {
        if registration.broken_rule().is_some() {
            return Ok(None);
        }
        let since = Timestamp(self.clock.now().0 - REPEATED_WITHIN_MICROS);
        let hash = request_hash(registration, request);
        self.store.registered_account(&registration.username, hash, since).await
    }

    /// Whether this is the password of the account.
    pub async fn has_password(&self, account: &Account, password: &str) -> Result<bool> {
        let found = self.hasher.verify(password, Some(&account.password_hash)).await?;
        Ok(found != PasswordMatch::Different)
    }
}

/// The hash of a request. The password is no part of it: its hash in the account is compared.
fn request_hash(registration: &Registration, request: ClientId) -> [u8; 32] {
    let Registration { username, password: _, first_name, last_name } = registration;
    Sha256::digest(format!("{request} {username:?} {first_name:?} {last_name:?}")).into()
}
