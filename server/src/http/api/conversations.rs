//! Conversations and the people in them.

use super::messages::page_size;
use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, Json, QueryParams};
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::{ApiError, ClientId, Conversation, ErrorCode, ListPosition, Person, limits};
use serde::{Deserialize, Serialize};

/// Request to create a conversation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct CreateConversation {
    /// Usernames of the other members. A conversation has at most 500 members, the user included.
    participants: Vec<String>,
    /// Title of a group, at most 120 characters. Without it, one other member makes a direct conversation.
    #[serde(default)]
    title: Option<String>,
    /// An id that the client makes once per conversation (UUIDv7) and repeats with the request: a repeat gives the same
    /// conversation.
    #[serde(default)]
    client_id: Option<ClientId>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct ListQuery {
    /// Most conversations of the page, 1 to 200; 50 by default.
    limit: Option<i64>,
    /// The `next_cursor` of the page before; absent for the first page.
    cursor: Option<String>,
}

/// A page of the list of the user.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Conversations {
    /// Sorted by the last activity at the time of the first page, newest first.
    conversations: Vec<Conversation>,
    /// The `cursor` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// People who match a search.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct People {
    /// The people found, the user included.
    people: Vec<Person>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct PeopleQuery {
    /// Words that the names begin with; without any, nobody is found.
    #[serde(default)]
    q: String,
}

#[utoipa::path(
    get, path = "/api/conversations", tag = "conversations",
    params(ListQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversations, description = "A page of the list of the user, newest activity first. The pages contain each \
            conversation of the time of the first page once, also when messages arrive meanwhile. A direct conversation \
            that somebody else opened is listed from its first message on"),
        (status = 400, body = ApiError, description = "The cursor is not one of this server"),
        (status = 401, body = ApiError, description = "Not signed in"),
        (status = 422, body = ApiError, description = "`limit` is outside its range"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
    QueryParams(query): QueryParams<ListQuery>,
) -> Result<Answer<Conversations>, HttpError> {
    let after: Option<ListPosition> = match query.cursor.as_deref().map(str::parse) {
        None => None,
        Some(Ok(position)) => Some(position),
        Some(Err(_)) => return Err(HttpError::new(ErrorCode::Malformed, "`cursor` is not a `next_cursor`")),
    };
    let limit = page_size(query.limit, limits::LIST_PAGE, limits::MAX_LIST_PAGE)?;
    let (conversations, next) = state.chat.conversation_page(user.person(), after, limit).await?;
    Ok(Answer(Conversations { conversations, next_cursor: next.map(|next| next.to_string()) }))
}

#[utoipa::path(
    post, path = "/api/conversations", tag = "conversations",
    request_body = CreateConversation,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = Conversation, description = "Created. A direct conversation appears in the other person's list with \
            its first message, a group at once"),
        (status = 200, body = Conversation, description = "The direct conversation existed; it is in the list of the user now. \
            Or a repeat: the conversation that was created with this `client_id`"),
        (status = 409, body = ApiError, description = "The `client_id` was used for another conversation"),
        (status = 422, body = ApiError, description = "A value breaks a rule, or a username does not exist"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn open(
    State(state): State<AppState>,
    user: CurrentUser,
    Json(body): Json<CreateConversation>,
) -> Result<(StatusCode, Answer<Conversation>), HttpError> {
    let title = body.title.as_deref();
    let (conversation, founded) =
        state.chat.open_conversation_once(user.person(), &body.participants, title, body.client_id).await?;
    Ok((if founded { StatusCode::CREATED } else { StatusCode::OK }, Answer(conversation)))
}

#[utoipa::path(
    get, path = "/api/conversations/{id}", tag = "conversations",
    params(("id" = i64, Path, description = "Id of the conversation")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversation, description = "Id of the conversation"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn one(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
) -> Result<Answer<Conversation>, HttpError> {
    Ok(Answer(state.chat.conversation(user.person(), id).await?))
}

/// Removes a member, or leaves.
#[utoipa::path(
    delete, path = "/api/conversations/{id}/members/{member}", tag = "conversations",
    params(("id" = i64, Path, description = "Id of the conversation"), ("member" = i64, Path, description = "Id of the member")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, body = ApiError, description = "A member may remove only themselves"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Path((_, member)): Path<(String, String)>,
) -> Result<StatusCode, HttpError> {
    let member = member.parse().map_err(|_| HttpError::from(ErrorCode::NotFound))?;
    state.chat.remove_member(user.person(), id, member).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    get, path = "/api/people", tag = "conversations",
    params(PeopleQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = People, description = "People whose names match"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn people(
    State(state): State<AppState>,
    user: CurrentUser,
    QueryParams(query): QueryParams<PeopleQuery>,
) -> Result<Answer<People>, HttpError> {
    Ok(Answer(People { people: state.chat.people(user.person(), &query.q).await? }))
}
