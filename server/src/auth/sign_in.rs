//! Sign-in by username and password, for forms and the API.

use crate::auth::throttle::Throttle;
use crate::error::HttpError;
use crate::ops::metrics::names;
use chat::ChatService;
use chat::account::SignInError;
use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use chat::store::Account;
use std::net::IpAddr;

/// The account with this username and password, within the rate limits per address and username.
pub(crate) async fn by_password(
    chat: &ChatService,
    throttle: &Throttle,
    address: Option<IpAddr>,
    name: &str,
    password: &str,
) -> Result<Account, HttpError> {
    if let Err(why) = throttle.sign_in(address, name) {
        names::SIGN_INS_THROTTLED.increment(1);
        AuditEvent::new(AuditAction::SignIn, AuditOutcome::Throttled).emit();
        return Err(HttpError(why));
    }
    let account = chat.accounts().sign_in(name, password).await;
    match &account {
        Ok(_) => names::SIGN_INS_OK.increment(1),
        Err(SignInError::Wrong) => names::SIGN_INS_WRONG.increment(1),
        Err(SignInError::Suspended) => names::SIGN_INS_SUSPENDED.increment(1),
        Err(SignInError::Other(_)) => {}
    }
    Ok(account.map_err(chat::Error::from)?)
}
