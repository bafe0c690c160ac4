//! Single sign-on of a browser: the form that a product's page posts.

use super::redirect;
use crate::auth::user_agent::UserAgent;
use crate::auth::web_session;
use crate::error::HttpError;
use crate::http::extract::FormFields;
use crate::http::local_path::local_path;
use crate::http::middleware::security::is_own_origin;
use crate::http::pages::no_page;
use crate::http::preferences;
use crate::http::single_sign_on;
use crate::state::AppState;
use app::server_pages::NoPage;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use tower_sessions::Session;

/// Signs the browser in as the person of the token. Fields: `token`, `next`.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    UserAgent(device): UserAgent,
    session: Session,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let origin = origin.filter(|_| !is_own_origin(&state, &headers));
    let signed_in = async {
        let account = single_sign_on::account(&state, fields.get("token"), origin).await?;
        web_session::sign_in(&session, &account, device).await?;
        Ok::<_, HttpError>(account.preferences)
    };
    match signed_in.await {
        Ok(preferences) => {
            let answer = redirect(local_path(fields.get("next")));
            (AppendHeaders(preferences::cookies(&preferences)), answer).into_response()
        }
        Err(HttpError(why)) => {
            let status = StatusCode::from_u16(why.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let page = NoPage::SingleSignOn { why: why.message.clone() };
            no_page(&state, &headers, status, page).unwrap_or_else(|| HttpError(why).into_response())
        }
    }
}
