//! Tokens: sign-ins of programs. A grant is stored like a cookie session; its `data` is the id of the valid refresh token.

use super::identify::invalid_token;
use super::jwt::{ValidClaims, refresh_expiry};
use super::{Accounts, TokenPair};
use crate::audit::{AuditAction, AuditEvent, AuditOutcome, client_address};
use crate::store::{Account, StoredSignIn, TokenSwap};
use crate::{Error, Result};
use protocol::{ErrorCode, Timestamp};
use std::fmt::Write as _;

/// How long a refresh may be repeated, because its answer was lost, in microseconds.
const REPEAT_MICROS: i64 = 30 * 1_000_000;

impl Accounts {
    /// Issues tokens for a program (a new grant). `device` is the name that the program gives itself.
    pub async fn issue(&self, account: &Account, device: &str) -> Result<TokenPair> {
        let now = self.clock.now();
        let (sid, jti) = (format!("grant-{}", random()?), random()?);
        let user = account.person.id;
        let pair = self.sign(account, &sid, &jti, false)?;
        let grant = StoredSignIn {
            id: sid,
            user: Some(user),
            data: jti,
            expires_at: refresh_expiry(now),
            device: device.to_owned(),
            began_at: now,
            used_at: now,
            address: client_address(),
        };
        self.store.create_sign_in(grant).await?;
        Ok(pair)
    }

    /// Issues an access token that is valid for `seconds`, without a refresh token: for measurements.
    pub async fn issue_for(&self, account: &Account, device: &str, seconds: i64) -> Result<String> {
        let now = self.clock.now();
        let (sid, user) = (format!("grant-{}", random()?), account.person.id);
        let access = self.signer.access_for(seconds, user, &sid, account.ver, now).ok_or_else(unsigned)?;
        // The id of a refresh token that is not issued.
        let grant = StoredSignIn {
            id: sid,
            user: Some(user),
            data: random()?,
            expires_at: Timestamp(now.0 + seconds * 1_000_000),
            device: device.to_owned(),
            began_at: now,
            used_at: now,
            address: client_address(),
        };
        self.store.create_sign_in(grant).await?;
        Ok(access)
    }

    /// Replaces the tokens of a grant. A repeat within [`REPEAT_MICROS`] gives the same refresh token again, until one of the new
    /// tokens is used; any later use of a replaced refresh token ends its grant.
    pub async fn refresh(&self, refresh: &str) -> Result<TokenPair> {
        let refused = || Error::from(ErrorCode::NotAuthenticated);
        let now = self.clock.now();
        let claims = self.signer.read_refresh(refresh, now).ok_or_else(invalid_token)?;
        let account =
            self.account_of(&claims.sid, claims.user, claims.ver).await?.ok_or_else(invalid_token)?;
        let (jti, repeat_after) = (random()?, Timestamp(now.0 - REPEAT_MICROS));
        let swap =
            self.store.swap_sign_in(&claims.sid, &claims.jti, &jti, refresh_expiry(now), now, repeat_after);
        match swap.await? {
            TokenSwap::Replaced => return self.sign(&account, &claims.sid, &jti, true),
            TokenSwap::Repeated(current) => return self.sign(&account, &claims.sid, &current, true),
            TokenSwap::Reused => {}
        }
        // Validly signed, but replaced already: the token may be stolen.
        AuditEvent::new(AuditAction::ReuseRefreshToken, AuditOutcome::Refused).by(claims.user).emit();
        self.store.end_sign_in(&claims.sid, now).await?;
        self.sign_in_ended();
        Err(refused())
    }

    /// Notes the first use of an access token that a refresh gave, while the refresh can still be repeated. A failure is logged
    /// only: it must not refuse requests while the database cannot be written.
    pub(super) async fn confirm(&self, claims: &ValidClaims) {
        let is_repeatable = claims.issued_at.0 >= self.clock.now().0 - REPEAT_MICROS - 1_000_000;
        if claims.jti.is_empty() || !is_repeatable {
            return;
        }
        if let Err(error) = self.store.confirm_sign_in(&claims.sid, &claims.jti).await {
            tracing::warn!(cause = %error, "the use of new tokens cannot be noted");
        }
    }

    /// The tokens with this id of the refresh token. Those of a refresh name it in the access token, too.
    fn sign(&self, account: &Account, sid: &str, jti: &str, refreshed: bool) -> Result<TokenPair> {
        let (now, user, ver) = (self.clock.now(), account.person.id, account.ver);
        let of = refreshed.then(|| jti.to_owned());
        let access = self.signer.access(user, sid, ver, of, now).ok_or_else(unsigned)?;
        let (refresh, _) = self.signer.refresh(user, sid, ver, jti.to_owned(), now).ok_or_else(unsigned)?;
        Ok(TokenPair { access, refresh })
    }
}

fn unsigned() -> Error {
    Error::Internal("a token could not be signed".into())
}

/// 128 random bits, in hexadecimal.
pub(super) fn random() -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
