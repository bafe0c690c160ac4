//! Authentication by tokens and cookie sessions. The account is read from the store each time, so a sign-out takes effect at
//! once.

use super::{Accounts, Identity};
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::store::Account;
use crate::{Error, Result};
use protocol::{ErrorCode, UserId};

impl Accounts {
    /// Authenticates by an access token. Refuses other algorithms, keys and audiences, and tokens that expired, were signed out,
    /// or are older than the last change of the password.
    pub async fn by_token(&self, access: &str) -> Result<Identity> {
        let claims = self.signer.read_access(access, self.clock.now()).ok_or_else(invalid_token)?;
        let account =
            self.account_of(&claims.sid, claims.user, claims.ver).await?.ok_or_else(invalid_token)?;
        self.confirm(&claims).await;
        Ok(Identity {
            person: account.person,
            sign_in: claims.sid,
            expires_at: Some(claims.expires_at),
            is_admin: account.is_admin,
            preferences: account.preferences,
        })
    }

    /// Authenticates by a cookie session; `None` if it ended.
    pub async fn by_session(&self, sign_in: &str, user: UserId, ver: i64) -> Result<Option<Identity>> {
        let account = self.account_of(sign_in, user, ver).await?;
        Ok(account.map(|account| Identity {
            person: account.person,
            sign_in: sign_in.to_owned(),
            expires_at: None,
            is_admin: account.is_admin,
            preferences: account.preferences,
        }))
    }

    /// The account of a sign-in, if the sign-in exists, belongs to the person, and is not older than the last change of the
    /// password.
    pub(super) async fn account_of(&self, sign_in: &str, user: UserId, ver: i64) -> Result<Option<Account>> {
        let account = self.store.signed_in(sign_in, user, self.clock.now()).await?;
        Ok(account.filter(|account| account.ver == ver && !account.suspended))
    }
}

/// The error for a forged or invalid token. The audit event names no person, since the claims may be forged.
pub(super) fn invalid_token() -> Error {
    AuditEvent::new(AuditAction::ShowToken, AuditOutcome::Refused).emit();
    ErrorCode::NotAuthenticated.into()
}
