//! Closing and reopening a conversation about a subject, by participants whose role may.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, Json};
use crate::http::idempotency_key::IdempotencyKey;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use protocol::{ApiError, ClientId, Conversation};
use serde::Deserialize;

/// The closing of a conversation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct CloseConversation {
    /// The reason, which the members read: one line of 1 to 280 characters.
    #[schema(min_length = 1, max_length = 280)]
    reason: String,
    /// An id that the client makes once per request (UUIDv7): a repeat changes nothing.
    #[serde(default)]
    client_id: Option<ClientId>,
}

/// The reopening of a conversation.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct ReopenConversation {
    /// An id that the client makes once per request (UUIDv7): a repeat changes nothing.
    #[serde(default)]
    client_id: Option<ClientId>,
}

#[utoipa::path(
    post, path = "/api/conversations/{id}/close", tag = "subjects",
    params(("id" = i64, Path, description = "Id of the conversation"), IdempotencyKey),
    request_body = CloseConversation,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversation, description = "The conversation, closed for this reason: it can be read, and nobody can write"),
        (status = 403, body = ApiError, description = "The conversation has no subject, or the role of the user in it is none of the \
            `closed_by` of the kind"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
        (status = 409, body = ApiError, description = "The `client_id` was used for another request"),
        (status = 422, body = ApiError, description = "The reason breaks a rule"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn close(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    key: IdempotencyKey,
    Json(body): Json<CloseConversation>,
) -> Result<Answer<Conversation>, HttpError> {
    let CloseConversation { reason, client_id } = body;
    state.chat.close_conversation(user.person(), id, &reason, key.or_of(client_id)).await?;
    Ok(Answer(state.chat.conversation(user.person(), id).await?))
}

#[utoipa::path(
    post, path = "/api/conversations/{id}/reopen", tag = "subjects",
    params(("id" = i64, Path, description = "Id of the conversation"), IdempotencyKey),
    request_body = Option<ReopenConversation>,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversation, description = "The conversation, which is open"),
        (status = 403, body = ApiError, description = "The conversation has no subject, or the role of the user in it is none of the \
            `closed_by` of the kind"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
        (status = 409, body = ApiError, description = "The `client_id` was used for another request"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn reopen(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    key: IdempotencyKey,
    body: Option<Json<ReopenConversation>>,
) -> Result<Answer<Conversation>, HttpError> {
    let client_id = body.unwrap_or(Json(ReopenConversation::default())).0.client_id;
    state.chat.reopen_conversation(user.person(), id, key.or_of(client_id)).await?;
    Ok(Answer(state.chat.conversation(user.person(), id).await?))
}
