//! Messages and receipts.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, Json, QueryParams};
use crate::http::idempotency_key::IdempotencyKey;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::{
    ApiError, Changes, ClientId, DeleteFor, ErrorCode, Message, MessageId, MessageReceipt, Page, limits,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Page of the newest messages with a `seq` below this, 1 or more. Not together with `after`.
    before: Option<i64>,
    /// Changes after this `rev`, 0 or more.
    after: Option<i64>,
    /// Most messages of a page, 1 to 50 (the default).
    #[param(minimum = 1, maximum = 50)]
    limit: Option<i64>,
}

/// Request to send a message.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct SendMessage {
    /// The text; after normalisation 1 to 5,000 Unicode scalar values.
    #[schema(min_length = 1)]
    content: String,
    /// The id that the client gives the message, a UUIDv7; makes repeating the request safe.
    #[serde(default)]
    client_id: Option<ClientId>,
    /// The message that this one answers, of the same conversation.
    #[serde(default)]
    reply_to: Option<MessageId>,
}

/// Request to mark messages as read.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct MarkRead {
    /// The last message that was read; absent: the newest of the conversation.
    #[serde(default)]
    message_id: Option<MessageId>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// The audience that the message is deleted for; `me` by default.
    #[serde(default, rename = "for")]
    audience: DeleteFor,
}

/// Part of the history of a conversation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum PageOrChanges {
    /// A page, for a request without `after`.
    Page(Page),
    /// Changes, for a request with `after`.
    Changes(Changes),
}

/// Reads a page of messages (`before`, `limit`), or the changes after a cursor (`after`).
#[utoipa::path(
    get, path = "/api/conversations/{id}/messages", tag = "messages",
    params(("id" = i64, Path, description = "Id of the conversation"), HistoryQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = PageOrChanges, description = "A page, or with `after` the changes"),
        (status = 404, body = ApiError, description = "The conversation or message does not exist for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    QueryParams(query): QueryParams<HistoryQuery>,
) -> Result<Answer<PageOrChanges>, HttpError> {
    match query {
        HistoryQuery { before: Some(_), after: Some(_), .. } => {
            Err(HttpError::new(ErrorCode::Malformed, "Either `before` or `after`"))
        }
        HistoryQuery { before: Some(..1), .. } => Err(out_of_range("`before` must be 1 or more")),
        HistoryQuery { after: Some(..0), .. } => Err(out_of_range("`after` must be 0 or more")),
        HistoryQuery { after: Some(after), .. } => {
            Ok(Answer(PageOrChanges::Changes(state.chat.changes(user.person(), id, after).await?)))
        }
        HistoryQuery { before, limit, .. } => {
            let limit = page_size(limit, limits::PAGE, limits::PAGE)?;
            Ok(Answer(PageOrChanges::Page(state.chat.page(user.person(), id, before, limit).await?)))
        }
    }
}

/// The parameter `limit` of a page: `default` if it is absent, an error outside of 1 to `most`.
pub(super) fn page_size(limit: Option<i64>, default: usize, most: usize) -> Result<usize, HttpError> {
    let Some(limit) = limit else { return Ok(default) };
    let limit = usize::try_from(limit).ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| out_of_range(&format!("`limit` must be from 1 to {most}")))
}

fn out_of_range(why: &str) -> HttpError {
    HttpError::new(ErrorCode::Invalid, why)
}

/// Sends a message. A repeat with the same `client_id` changes nothing.
#[utoipa::path(
    post, path = "/api/conversations/{id}/messages", tag = "messages",
    request_body = SendMessage,
    params(("id" = i64, Path, description = "Id of the conversation"), IdempotencyKey),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = Message, description = "The message is stored durably"),
        (status = 200, body = Message, description = "A repeat: the message as it is now"),
        (status = 404, body = ApiError, description = "The conversation or message does not exist for this person"),
        (status = 409, body = ApiError, description = "The client_id was used for another message"),
        (status = 422, body = ApiError, description = "The text is empty, too long, or contains U+0000"),
        (status = 429, body = ApiError, description = "Too fast"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn send(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    key: IdempotencyKey,
    Json(body): Json<SendMessage>,
) -> Result<(StatusCode, Answer<Message>), HttpError> {
    let sent =
        state.chat.send(user.person(), id, &body.content, key.or_of(body.client_id), body.reply_to).await?;
    Ok((if sent.repeated { StatusCode::OK } else { StatusCode::CREATED }, Answer(sent.message)))
}

#[utoipa::path(
    delete, path = "/api/conversations/{id}/messages/{message}", tag = "messages",
    params(("id" = i64, Path, description = "Id of the conversation"), ("message" = i64, Path, description = "Id of the message"), DeleteQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, body = ApiError, description = "The user may not delete this message for everyone"),
        (status = 404, body = ApiError, description = "The conversation or message does not exist for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, message)): Path<(String, String)>,
    QueryParams(DeleteQuery { audience }): QueryParams<DeleteQuery>,
) -> Result<StatusCode, HttpError> {
    let message = message.parse().map_err(|_| HttpError::from(ErrorCode::NotFound))?;
    state.chat.delete(user.person(), id, message, audience).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/conversations/{id}/read", tag = "messages",
    request_body = Option<MarkRead>,
    params(("id" = i64, Path, description = "Id of the conversation")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Marked as read"),
        (status = 404, body = ApiError, description = "The conversation or message does not exist for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn read(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    body: Option<Json<MarkRead>>,
) -> Result<StatusCode, HttpError> {
    let up_to = body.and_then(|Json(body)| body.message_id);
    state.chat.mark_read(user.person(), id, up_to).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Receipts of a message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MessageReceipts {
    /// One for each person who was a member when the message was sent, except its sender.
    receipts: Vec<MessageReceipt>,
}

/// Reads the receipts of a message. Any member may read them.
#[utoipa::path(
    get, path = "/api/conversations/{id}/messages/{message}/receipts", tag = "messages",
    params(("id" = i64, Path, description = "Id of the conversation"), ("message" = i64, Path, description = "Id of the message")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = MessageReceipts, description = "The receipts"),
        (status = 404, body = ApiError, description = "The conversation or message does not exist for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn receipts(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, message)): Path<(String, String)>,
) -> Result<Answer<MessageReceipts>, HttpError> {
    let message = message.parse().map_err(|_| HttpError::from(ErrorCode::NotFound))?;
    Ok(Answer(MessageReceipts { receipts: state.chat.receipts(user.person(), id, message).await? }))
}
