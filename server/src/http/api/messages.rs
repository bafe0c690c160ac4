//! Messages and receipts.

use crate::auth::CurrentUser;
use crate::http::error::HttpError;
use crate::http::extract::{ConversationPath, Json, QueryParams};
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::{
    ApiError, Changes, ClientId, DeleteFor, ErrorCode, Message, MessageId, MessageReceipt, Page, limits,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct Stretch {
    /// Messages with a `seq` below this.
    before: Option<i64>,
    /// What changed after this cursor.
    after: Option<i64>,
    limit: Option<usize>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Send {
    content: String,
    #[serde(default)]
    client_id: Option<ClientId>,
    #[serde(default)]
    reply_to: Option<MessageId>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Read {
    /// None: up to the newest.
    #[serde(default)]
    message_id: Option<MessageId>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct Audience {
    #[serde(default, rename = "for")]
    audience: DeleteFor,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum Stretched {
    Page(Page),
    Changes(Changes),
}

/// A page (`before`, `limit`), or what changed (`after`).
#[utoipa::path(
    get, path = "/api/conversations/{id}/messages", tag = "messages",
    params(("id" = i64, Path, description = "The conversation"), Stretch),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Stretched, description = "A page, or with `after` the changes"),
        (status = 404, body = ApiError, description = "Not there for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    QueryParams(stretch): QueryParams<Stretch>,
) -> Result<Answer<Stretched>, HttpError> {
    match stretch {
        Stretch { before: Some(_), after: Some(_), .. } => {
            Err(HttpError::new(ErrorCode::Malformed, "Either `before` or `after`"))
        }
        Stretch { after: Some(after), .. } => {
            Ok(Answer(Stretched::Changes(state.chat.changes(user.person(), id, after).await?)))
        }
        Stretch { before, limit, .. } => {
            let limit = limit.unwrap_or(limits::PAGE).clamp(1, limits::PAGE);
            Ok(Answer(Stretched::Page(state.chat.page(user.person(), id, before, limit).await?)))
        }
    }
}

/// 201, or 200 for a repeat.
#[utoipa::path(
    post, path = "/api/conversations/{id}/messages", tag = "messages",
    request_body = Send,
    params(("id" = i64, Path, description = "The conversation")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = Message, description = "Durable"),
        (status = 200, body = Message, description = "A repeat: the message as it is now"),
        (status = 404, body = ApiError, description = "Not there for this person"),
        (status = 409, body = ApiError, description = "The client_id was used for another message"),
        (status = 422, body = ApiError, description = "Empty, too long, or not to be kept"),
        (status = 429, body = ApiError, description = "Too fast"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn send(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Json(body): Json<Send>,
) -> Result<(StatusCode, Answer<Message>), HttpError> {
    let sent = state.chat.send(user.person(), id, &body.content, body.client_id, body.reply_to).await?;
    Ok((if sent.repeated { StatusCode::OK } else { StatusCode::CREATED }, Answer(sent.message)))
}

#[utoipa::path(
    delete, path = "/api/conversations/{id}/messages/{message}", tag = "messages",
    params(("id" = i64, Path, description = "The conversation"), ("message" = i64, Path, description = "Which"), Audience),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, body = ApiError, description = "Not yours to delete for everyone"),
        (status = 404, body = ApiError, description = "Not there for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, message)): Path<(String, String)>,
    QueryParams(Audience { audience }): QueryParams<Audience>,
) -> Result<StatusCode, HttpError> {
    let message = message.parse().map_err(|_| HttpError::from(ErrorCode::NotFound))?;
    state.chat.delete(user.person(), id, message, audience).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/conversations/{id}/read", tag = "messages",
    request_body = Option<Read>,
    params(("id" = i64, Path, description = "The conversation")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Read"),
        (status = 404, body = ApiError, description = "Not there for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn read(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    body: Option<Json<Read>>,
) -> Result<StatusCode, HttpError> {
    let up_to = body.and_then(|Json(body)| body.message_id);
    state.chat.mark_read(user.person(), id, up_to).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Receipts {
    receipts: Vec<MessageReceipt>,
}

/// Who has it. Any member may ask, about anybody's message.
#[utoipa::path(
    get, path = "/api/conversations/{id}/messages/{message}/receipts", tag = "messages",
    params(("id" = i64, Path, description = "The conversation"), ("message" = i64, Path, description = "Which")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Receipts, description = "Everybody who was there but its sender"),
        (status = 404, body = ApiError, description = "Not there for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn receipts(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, message)): Path<(String, String)>,
) -> Result<Answer<Receipts>, HttpError> {
    let message = message.parse().map_err(|_| HttpError::from(ErrorCode::NotFound))?;
    Ok(Answer(Receipts { receipts: state.chat.receipts(user.person(), id, message).await? }))
}
