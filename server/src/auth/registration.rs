//! Registrations by the API, which may be repeated.

use crate::auth::throttle::Throttle;
use crate::error::HttpError;
use chat::account::Registration;
use chat::store::Account;
use chat::{ChatService, Error};
use protocol::{ClientId, ErrorCode};
use std::net::IpAddr;

/// Creates an account. A repeat of the request with the same id within a day gives the same account, if the password is right; it
/// counts for no limit of registrations.
pub(crate) async fn register(
    chat: &ChatService,
    throttle: &Throttle,
    address: Option<IpAddr>,
    registration: Registration,
    request: Option<ClientId>,
) -> Result<Account, HttpError> {
    let accounts = chat.accounts();
    let limited = || throttle.registration(address).map_err(HttpError);
    let Some(request) = request else {
        limited()?;
        return Ok(accounts.register(registration).await?);
    };
    if let Some(account) = repeated(chat, throttle, address, &registration, request).await? {
        return Ok(account);
    }
    limited()?;
    match accounts.register_by(registration.clone(), request).await {
        // Of two at once, the later one is a repeat.
        Err(Error::Refused(why)) if why.code == ErrorCode::Conflict => {
            let account = repeated(chat, throttle, address, &registration, request).await?;
            account.ok_or(HttpError(why))
        }
        created => Ok(created?),
    }
}

/// The account that the request created before. A wrong password counts as a failed sign-in, and gets the answer that everybody gets
/// about a name that is taken.
async fn repeated(
    chat: &ChatService,
    throttle: &Throttle,
    address: Option<IpAddr>,
    registration: &Registration,
    request: ClientId,
) -> Result<Option<Account>, HttpError> {
    let accounts = chat.accounts();
    let Some(account) = accounts.registered_by(registration, request).await? else { return Ok(None) };
    let attempt = throttle.sign_in(address, &registration.username, account.unlocks);
    let attempt = attempt.map_err(HttpError)?;
    if !accounts.has_password(&account, &registration.password).await? {
        return Err(HttpError::new(ErrorCode::Conflict, "This username is taken"));
    }
    attempt.refund();
    Ok(Some(account))
}
