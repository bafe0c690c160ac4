//! Groups: title, picture and history, members and their roles.

use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, Json};
use crate::http::idempotency_key::IdempotencyKey;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chat::GroupSettings;
use protocol::{ApiError, ClientId, Conversation, ErrorCode, History, Person, Role, UserId};
use serde::{Deserialize, Serialize};

/// Changes of a group. Absent fields stay as they are.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct UpdateConversation {
    /// The title, at most 120 characters; empty: none.
    #[schema(max_length = 120)]
    title: Option<String>,
    /// The colour of the picture, 0 to 7.
    #[schema(maximum = 7)]
    hue: Option<u8>,
    /// The emoji of the picture, one grapheme; empty: letters of the name.
    emoji: Option<String>,
    /// The history that those see who join from now on.
    history: Option<History>,
    /// An id that the client makes once per request (UUIDv7): a repeat changes nothing.
    client_id: Option<ClientId>,
}

/// People to add to a group.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct AddMembers {
    /// Usernames. A group has at most 500 members.
    #[schema(max_items = 500)]
    usernames: Vec<String>,
    /// An id that the client makes once per request (UUIDv7): a repeat changes nothing.
    client_id: Option<ClientId>,
}

/// A group after people were added.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct GroupWithNewMembers {
    #[serde(flatten)]
    conversation: Conversation,
    /// The people of the request who are members now.
    added: Vec<Person>,
    /// Those who do not let the user add them to groups: they are invited, and no members until they accept.
    invited: Vec<Person>,
}

/// A new role of a member.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct SetRole {
    /// The role.
    role: Role,
    /// An id that the client makes once per request (UUIDv7): a repeat changes nothing.
    client_id: Option<ClientId>,
}

#[utoipa::path(
    patch, path = "/api/conversations/{id}", tag = "groups",
    params(("id" = i64, Path, description = "Id of the group"), IdempotencyKey),
    request_body = UpdateConversation,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversation, description = "The group after the change"),
        (status = 403, body = ApiError, description = "A direct conversation, a member without a role, or the history by a moderator"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
        (status = 409, body = ApiError, description = "The `client_id` was used for another request"),
        (status = 422, body = ApiError, description = "A value breaks a rule; nothing is changed"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    key: IdempotencyKey,
    Json(body): Json<UpdateConversation>,
) -> Result<Answer<Conversation>, HttpError> {
    let UpdateConversation { title, hue, emoji, history, client_id } = body;
    let settings = GroupSettings { title, hue, emoji, history };
    state.chat.update_conversation(user.person(), id, settings, key.or_of(client_id)).await?;
    Ok(Answer(state.chat.conversation(user.person(), id).await?))
}

#[utoipa::path(
    post, path = "/api/conversations/{id}/members", tag = "groups",
    params(("id" = i64, Path, description = "Id of the group"), IdempotencyKey),
    request_body = AddMembers,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = GroupWithNewMembers, description = "The group with the new members; who was one already stays as they were"),
        (status = 403, body = ApiError, description = "A direct conversation, or a member without a role"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
        (status = 409, body = ApiError, description = "The `client_id` was used for another request"),
        (status = 422, body = ApiError, description = "A username does not exist, or the group would have more than 500 members; nobody is added"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn add_members(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    key: IdempotencyKey,
    Json(body): Json<AddMembers>,
) -> Result<Answer<GroupWithNewMembers>, HttpError> {
    let client_id = key.or_of(body.client_id);
    let people = state.chat.add_members_by_name(user.person(), id, &body.usernames, client_id).await?;
    let conversation = state.chat.conversation(user.person(), id).await?;
    Ok(Answer(GroupWithNewMembers { conversation, added: people.added, invited: people.invited }))
}

#[utoipa::path(
    patch, path = "/api/conversations/{id}/members/{member}", tag = "groups",
    params(("id" = i64, Path, description = "Id of the group"), ("member" = i64, Path, description = "Id of the member"), IdempotencyKey),
    request_body = SetRole,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The member has the role"),
        (status = 403, body = ApiError, description = "A direct conversation, or not by an owner"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person, or the member is none of it"),
        (status = 409, body = ApiError, description = "The only owner cannot give that up; or the `client_id` was used for another request"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn set_role(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, member)): Path<(String, String)>,
    key: IdempotencyKey,
    Json(body): Json<SetRole>,
) -> Result<StatusCode, HttpError> {
    let member = member_id(&member)?;
    state.chat.set_role(user.person(), id, member, body.role, key.or_of(body.client_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a member, or leaves.
#[utoipa::path(
    delete, path = "/api/conversations/{id}/members/{member}", tag = "groups",
    params(("id" = i64, Path, description = "Id of the group"), ("member" = i64, Path, description = "Id of the member"), IdempotencyKey),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, body = ApiError, description = "A direct conversation; or a member may remove only themselves, and a moderator no owner"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person, or the member is none of it"),
        (status = 409, body = ApiError, description = "The only owner cannot leave while others are there; or the key was used for another request"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn remove_member(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, member)): Path<(String, String)>,
    key: IdempotencyKey,
) -> Result<StatusCode, HttpError> {
    state.chat.remove_member(user.person(), id, member_id(&member)?, key.or_of(None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An id that is none is that of nobody.
fn member_id(text: &str) -> Result<UserId, HttpError> {
    text.parse().map_err(|_| HttpError::from(ErrorCode::NotFound))
}
