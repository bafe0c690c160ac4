//! The sign-ins of the user.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::{ApiError, SignIn};
use serde::Serialize;

/// The sign-ins of the user.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SignIns {
    /// The current sign-in first.
    sessions: Vec<SignIn>,
}

#[utoipa::path(
    get, path = "/api/me/sessions", tag = "accounts",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = SignIns, description = "Browsers and programs that are signed in as the user; the one of this request first"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    CurrentUser(user): CurrentUser,
) -> Result<Answer<SignIns>, HttpError> {
    Ok(Answer(SignIns { sessions: state.chat.sign_ins(&user).await? }))
}

#[utoipa::path(
    delete, path = "/api/me/sessions", tag = "accounts",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "All other sign-ins of the user have ended; their sockets close"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn end_others(
    State(state): State<AppState>,
    CurrentUser(user): CurrentUser,
) -> Result<StatusCode, HttpError> {
    state.chat.accounts().end_other_sign_ins(&user).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    delete, path = "/api/me/sessions/{session}", tag = "accounts",
    params(("session" = String, Path, description = "Id of the sign-in")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The sign-in has ended; its sockets close"),
        (status = 404, body = ApiError, description = "The user has no such sign-in"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    CurrentUser(user): CurrentUser,
    Path(session): Path<String>,
) -> Result<StatusCode, HttpError> {
    state.chat.accounts().end_sign_in(&user, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}
