//! Sign-in as a user of the demonstration, without a password. A server without the demonstration answers 404.

use crate::auth::user_agent::UserAgent;
use crate::auth::web_session;
use crate::error::HttpError;
use crate::http::extract::FormFields;
use crate::state::AppState;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use protocol::ErrorCode;
use tower_sessions::Session;

/// Signs in. Field: `username`.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    UserAgent(device): UserAgent,
    session: Session,
    fields: FormFields,
) -> Result<Response, HttpError> {
    let demo = state.demo.as_ref().ok_or(ErrorCode::NotFound)?;
    let account = demo.take(fields.get("username")).ok_or(ErrorCode::NotFound)?;
    web_session::sign_in(&session, account, device).await?;
    Ok(Redirect::to("/").into_response())
}
