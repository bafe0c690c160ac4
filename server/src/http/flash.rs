//! Flash messages: the result of a form, which the next page shows once. That of a signed-in user is in the web session, that of
//! a visitor in a signed cookie. Nothing of it is in an address.

use crate::auth::flash_cookies::FlashCookies;
use app::server_pages::Flash;
use protocol::UserId;
use time::Duration;
use tower_cookies::Cookies;
use tower_sessions::{Expiry, Session};

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::flash";

const KEY: &str = "flash";

/// Lifetime of a session that holds nothing but a flash message.
const LIFETIME: Duration = Duration::minutes(15);

/// Sets the message of a signed-in user for the next page. Failure is only logged, because the form itself has been processed.
pub(crate) async fn set(session: &Session, flash: &Flash) {
    let result = session.insert(KEY, flash).await;
    if let Err(error) = result {
        tracing::error!(target: LOG_TARGET, cause = %error, "a flash message cannot be stored");
        return;
    }
    // A program that authenticates by token has a session for the message alone.
    if !crate::auth::web_session::is_signed_in(session).await {
        session.set_expiry(Some(Expiry::OnInactivity(LIFETIME)));
    }
}

/// Takes the message for this page, of the visitor or the signed-in user, or the form that this user sent without a sign-in.
pub(crate) async fn take(
    visitors: &FlashCookies,
    cookies: &Cookies,
    session: &Session,
    page: &str,
    user: Option<UserId>,
) -> Option<Flash> {
    if let Some(flash) = user.and_then(|user| visitors.take_unsaved(cookies, page, user)) {
        return Some(flash);
    }
    if let Some(flash) = visitors.take(cookies, page) {
        return Some(flash);
    }
    let flash: Flash = session.get(KEY).await.ok().flatten()?;
    if flash.page != page {
        return None;
    }
    // Without a sign-in the session exists for such things alone, and is deleted with the last of them.
    let needed = crate::auth::web_session::is_signed_in(session).await
        || crate::http::rejected_form::is_stored(session).await;
    let gone = if needed { session.remove_value(KEY).await.map(drop) } else { session.flush().await };
    if let Err(error) = gone {
        tracing::error!(target: LOG_TARGET, cause = %error, "a flash message cannot be removed and will be shown again");
    }
    Some(flash)
}
