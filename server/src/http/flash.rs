//! How a plain form went, kept in the browser's session for the page that says so: it stands neither in an address
//! nor in a cookie, and is shown once.

use app::server_pages::Flash;
use time::Duration;
use tower_sessions::{Expiry, Session};

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::flash";

const KEY: &str = "flash";

/// Nobody needs it later than that.
const LIFE: Duration = Duration::minutes(15);

/// Leaves it for the next page. Where that fails the form has gone its way all the same.
pub(crate) async fn leave(session: &Session, flash: &Flash) {
    let left = session.insert(KEY, flash).await;
    if let Err(error) = left {
        tracing::error!(target: LOG_TARGET, cause = %error, "how a form went cannot be kept for the next page");
        return;
    }
    // A browser that is not signed in has a session for this alone.
    if !crate::auth::web_session::is_signed_in(session).await {
        session.set_expiry(Some(Expiry::OnInactivity(LIFE)));
    }
}

/// What was left for this page.
pub(crate) async fn take(session: &Session, page: &str) -> Option<Flash> {
    let flash: Flash = session.get(KEY).await.ok().flatten()?;
    if flash.page != page {
        return None;
    }
    // A browser that is not signed in has a session for such things alone.
    let needed = crate::auth::web_session::is_signed_in(session).await
        || crate::http::rejected_form::is_kept(session).await;
    let gone = if needed { session.remove_value(KEY).await.map(drop) } else { session.flush().await };
    if let Err(error) = gone {
        tracing::error!(target: LOG_TARGET, cause = %error, "how a form went is said again: it cannot be removed");
    }
    Some(flash)
}
