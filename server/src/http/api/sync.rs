//! Synchronisation, long polling, and client frames without a socket.

use crate::auth::CurrentUser;
use crate::http::error::HttpError;
use crate::http::extract::Json;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use protocol::{ApiError, ClientFrame, PollAnswer, PollRequest, ServerFrame, SyncAnswer, SyncRequest};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Submit {
    frames: Vec<ClientFrame>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Submitted {
    frames: Vec<ServerFrame>,
}

#[utoipa::path(
    post, path = "/api/sync", tag = "catching up",
    request_body = SyncRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = SyncAnswer, description = "What the client is missing"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn sync(
    State(state): State<AppState>,
    user: CurrentUser,
    Json(request): Json<SyncRequest>,
) -> Result<Answer<SyncAnswer>, HttpError> {
    Ok(Answer(state.chat.sync(user.person(), &request).await?))
}

/// Held until there is news.
#[utoipa::path(
    post, path = "/api/poll", tag = "catching up",
    request_body = PollRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = PollAnswer, description = "What a socket would have brought"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn poll(
    State(state): State<AppState>,
    user: CurrentUser,
    Json(request): Json<PollRequest>,
) -> Result<Answer<PollAnswer>, HttpError> {
    Ok(Answer(state.chat.poll(&user.0, request).await?))
}

/// What a socket would have been told.
#[utoipa::path(
    post, path = "/api/submit", tag = "catching up",
    request_body = Submit,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Submitted, description = "The answers"),
        (status = 413, body = ApiError, description = "More than 100 frames, or too large: nothing was done"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn submit(
    State(state): State<AppState>,
    user: CurrentUser,
    Json(body): Json<Submit>,
) -> Result<Answer<Submitted>, HttpError> {
    Ok(Answer(Submitted { frames: state.chat.submit(&user.0, body.frames).await? }))
}
