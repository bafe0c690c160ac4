//! Sign-in by username and password, for forms and the API.

use crate::auth::throttle::Throttle;
use crate::error::HttpError;
use crate::ops::metrics::names;
use chat::ChatService;
use chat::account::SUSPENDED;
use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use chat::store::Account;
use protocol::{ErrorBody, ErrorCode};
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
        Err(chat::Error::Refused(ErrorBody { code: ErrorCode::NotAuthenticated, message, .. })) => {
            let ended =
                if message == SUSPENDED { &names::SIGN_INS_SUSPENDED } else { &names::SIGN_INS_WRONG };
            ended.increment(1);
        }
        Err(_) => {}
    }
    Ok(account?)
}
