//! Sign-in by username and password, for forms and the API.

use crate::auth::throttle::Throttle;
use crate::error::HttpError;
use crate::ops::metrics::names;
use chat::ChatService;
use chat::account::SignInError;
use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use chat::store::Account;
use std::net::IpAddr;

/// The account with this username and password. Only wrong passwords and unknown usernames count for the rate limits.
pub(crate) async fn by_password(
    chat: &ChatService,
    throttle: &Throttle,
    address: Option<IpAddr>,
    name: &str,
    password: &str,
) -> Result<Account, HttpError> {
    let unlocks = chat.accounts().unlocks(name).await?;
    let attempt = throttle.sign_in(address, name, unlocks).map_err(|why| {
        names::SIGN_INS_THROTTLED.increment(1);
        AuditEvent::new(AuditAction::SignIn, AuditOutcome::Throttled).emit();
        HttpError(why)
    })?;
    let account = chat.accounts().sign_in(name, password).await;
    match &account {
        Ok(_) => names::SIGN_INS_OK.increment(1),
        Err(SignInError::Wrong) => names::SIGN_INS_WRONG.increment(1),
        Err(SignInError::Suspended) => names::SIGN_INS_SUSPENDED.increment(1),
        Err(SignInError::Other(_)) => {}
    }
    if !matches!(account, Err(SignInError::Wrong)) {
        attempt.refund();
    }
    Ok(account.map_err(chat::Error::from)?)
}
