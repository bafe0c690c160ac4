//! The sign-ins of the user.

use crate::auth::CurrentUser;
use crate::http::error::HttpError;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::{ApiError, SignIn};
use serde::Serialize;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SignIns {
    sessions: Vec<SignIn>,
}

#[utoipa::path(
    get, path = "/api/me/sessions", tag = "accounts",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = SignIns, description = "Browsers and programs that are signed in as the asker; the one that asks first"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    CurrentUser(user): CurrentUser,
) -> Result<Answer<SignIns>, HttpError> {
    Ok(Answer(SignIns { sessions: state.chat.accounts().sign_ins(&user).await? }))
}

#[utoipa::path(
    delete, path = "/api/me/sessions", tag = "accounts",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "All sign-ins of the asker but the one that asks are over; their sockets close"),
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
    params(("session" = String, Path, description = "Which")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "It is over; its sockets close"),
        (status = 404, body = ApiError, description = "None of the asker's"),
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
