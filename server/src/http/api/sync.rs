//! Synchronisation, long polling, and client frames without a socket.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::Json;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use protocol::{ApiError, ClientFrame, PollAnswer, PollRequest, ServerFrame, SyncAnswer, SyncRequest};
use serde::{Deserialize, Serialize};

/// Request with frames of a client without a socket.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct SubmitRequest {
    /// The frames, at most 100.
    frames: Vec<ClientFrame>,
}

/// Answer to [`SubmitRequest`].
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct SubmitAnswer {
    /// The frames that answer those of the request, in their order.
    frames: Vec<ServerFrame>,
}

#[utoipa::path(
    post, path = "/api/sync", tag = "catching up",
    request_body = SyncRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = SyncAnswer, description = "The changes since the cursors of the client"),
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

/// Long poll: held for at most 25 s until there are frames.
#[utoipa::path(
    post, path = "/api/poll", tag = "catching up",
    request_body = PollRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = PollAnswer, description = "The frames that a socket would have delivered"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn poll(
    State(state): State<AppState>,
    user: CurrentUser,
    Json(request): Json<PollRequest>,
) -> Result<Answer<PollAnswer>, HttpError> {
    Ok(Answer(state.poll_sessions.poll(&user.0, request).await?))
}

/// Handles frames as a socket would.
#[utoipa::path(
    post, path = "/api/submit", tag = "catching up",
    request_body = SubmitRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = SubmitAnswer, description = "The answers"),
        (status = 413, body = ApiError, description = "More than 100 frames, or too large: nothing was done"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn submit(
    State(state): State<AppState>,
    user: CurrentUser,
    Json(body): Json<SubmitRequest>,
) -> Result<Answer<SubmitAnswer>, HttpError> {
    Ok(Answer(SubmitAnswer { frames: state.chat.submit(&user.0, body.frames).await? }))
}
