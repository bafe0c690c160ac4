//! Incoming webhooks: URLs by which programs post to a group, each as a bot of its own.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, Json};
use crate::http::idempotency_key::IdempotencyKey;
use crate::http::invitation_link;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use protocol::{ApiError, ClientId, IncomingWebhook, Message};
use serde::{Deserialize, Serialize};

/// An incoming webhook to create.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewIncoming {
    /// The shown name of its bot, 1 to 80 characters, by the rules of people's names.
    name: String,
}

/// An incoming webhook that was created. Only this answer contains its URL.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CreatedIncoming {
    /// The URL to post to: whoever has it can post.
    url: String,
    /// The webhook.
    webhook: IncomingWebhook,
}

/// The incoming webhooks of a group.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct IncomingList {
    /// In the order in which they were created; at most 20.
    webhooks: Vec<IncomingWebhook>,
}

/// A message of a bot.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct IncomingMessage {
    /// The text; after normalisation 1 to 5,000 Unicode scalar values.
    content: String,
    /// Id chosen by the program, a UUID: a repeat with the same one is the same message.
    #[serde(default)]
    client_id: Option<ClientId>,
}

#[utoipa::path(
    get, path = "/api/conversations/{id}/incoming-webhooks", tag = "incoming webhooks",
    params(("id" = i64, Path, description = "Id of the group")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = IncomingList, description = "The incoming webhooks of the group, without their URLs"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 403, body = ApiError, description = "The user is neither owner nor moderator, or the conversation is direct"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
) -> Result<Answer<IncomingList>, HttpError> {
    Ok(Answer(IncomingList { webhooks: state.chat.incoming_webhooks(user.person(), id).await? }))
}

#[utoipa::path(
    post, path = "/api/conversations/{id}/incoming-webhooks", tag = "incoming webhooks",
    params(("id" = i64, Path, description = "Id of the group"), IdempotencyKey),
    request_body = NewIncoming,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = CreatedIncoming, description = "Created; its bot is a member of the group. The URL is shown only here, and to a repeat with the same key"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 403, body = ApiError, description = "The user is neither owner nor moderator, or the conversation is direct"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person; or a repeat, and the webhook was revoked since"),
        (status = 409, body = ApiError, description = "The group has 20 incoming webhooks already, or the key was used for another request"),
        (status = 422, body = ApiError, description = "The name breaks a rule, or the group has 500 members"),
    )
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    headers: HeaderMap,
    key: IdempotencyKey,
    Json(new): Json<NewIncoming>,
) -> Result<(StatusCode, Answer<CreatedIncoming>), HttpError> {
    let created = state.chat.create_incoming_webhook(user.person(), id, &new.name, key.or_of(None)).await?;
    let url = incoming_url(&state, &headers, &created.token);
    Ok((StatusCode::CREATED, Answer(CreatedIncoming { url, webhook: created.webhook })))
}

#[utoipa::path(
    delete, path = "/api/conversations/{id}/incoming-webhooks/{webhook}", tag = "incoming webhooks",
    params(
        ("id" = i64, Path, description = "Id of the group"),
        ("webhook" = i64, Path, description = "The number of the incoming webhook"),
    ),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Revoked: its URL is refused, and its bot has left. Its messages stay"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 403, body = ApiError, description = "The user is neither owner nor moderator, or the conversation is direct"),
        (status = 404, body = ApiError, description = "The group does not exist for this person, or has no such webhook"),
    )
)]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, webhook)): Path<(String, String)>,
) -> Result<StatusCode, HttpError> {
    // An invalid number is unknown: there is no webhook 0.
    let webhook = webhook.parse().unwrap_or(0);
    state.chat.revoke_incoming_webhook(user.person(), id, webhook).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The URL of this token.
pub(crate) fn incoming_url(state: &AppState, headers: &HeaderMap, token: &str) -> String {
    format!("{}/api/incoming/{token}", invitation_link::origin(state, headers))
}

/// Posts a message as the bot of the URL.
#[utoipa::path(
    post, path = "/api/incoming/{token}", tag = "incoming webhooks",
    params(("token" = String, Path, description = "The token of the URL"), IdempotencyKey),
    request_body = IncomingMessage,
    responses(
        (status = 201, body = Message, description = "Sent"),
        (status = 200, body = Message, description = "A repeat: the message as it is now"),
        (status = 404, body = ApiError, description = "The URL is unknown or revoked, or its bot was removed from the group or suspended"),
        (status = 409, body = ApiError, description = "Another message has this `client_id` or `Idempotency-Key`"),
        (status = 422, body = ApiError, description = "The text is empty, too long, or contains U+0000"),
        (status = 429, body = ApiError, description = "Too many messages; `retry_after` says when to send again"),
    )
)]
pub(crate) async fn post(
    State(state): State<AppState>,
    Path(token): Path<String>,
    key: IdempotencyKey,
    Json(message): Json<IncomingMessage>,
) -> Result<(StatusCode, Answer<Message>), HttpError> {
    let client_id = key.or_of(message.client_id);
    let sent = state.chat.send_by_token(&token, &message.content, client_id).await?;
    let status = if sent.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Answer(sent.message)))
}
