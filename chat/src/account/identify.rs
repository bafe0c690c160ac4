//! From a credential to who it is, asked of the store each time: a sign-in that ended a moment ago opens nothing now.

use super::{Accounts, Identity};
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::store::Account;
use crate::{Error, Result};
use protocol::{ErrorCode, UserId};

impl Accounts {
    /// Who an access token is. Refuses any other algorithm, key or audience, and what has expired, was signed out or
    /// is older than the last change of password.
    pub async fn by_token(&self, access: &str) -> Result<Identity> {
        let said = self.signer.read_access(access, self.clock.now()).ok_or_else(not_ours)?;
        let account = self.behind(&said.sid, said.user, said.ver).await?.ok_or_else(not_ours)?;
        Ok(Identity {
            person: account.person,
            sign_in: said.sid,
            expires_at: Some(said.expires_at),
            is_admin: account.is_admin,
            preferences: account.preferences,
        })
    }

    /// Who a browser's session is; `None` when it ended.
    pub async fn by_session(&self, sign_in: &str, user: UserId, ver: i64) -> Result<Option<Identity>> {
        let account = self.behind(sign_in, user, ver).await?;
        Ok(account.map(|account| Identity {
            person: account.person,
            sign_in: sign_in.to_owned(),
            expires_at: None,
            is_admin: account.is_admin,
            preferences: account.preferences,
        }))
    }

    /// The account of a sign-in that is kept, belongs to it and is as new as its password.
    pub(super) async fn behind(&self, sign_in: &str, user: UserId, ver: i64) -> Result<Option<Account>> {
        let account = self.store.signed_in(sign_in, user, self.clock.now()).await?;
        Ok(account.filter(|account| account.ver == ver && !account.suspended))
    }
}

/// The refusal of a token that is forged, or good no longer. Whose it was does not matter: a forger writes what they like.
pub(super) fn not_ours() -> Error {
    AuditEvent::new(AuditAction::ShowToken, AuditOutcome::Refused).emit();
    ErrorCode::NotAuthenticated.into()
}
