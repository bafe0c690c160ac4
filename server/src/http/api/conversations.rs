//! Conversations and the people in them.

use super::messages::page_size;
use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, Json, QueryParams};
use crate::http::idempotency_key::IdempotencyKey;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use chat::OpenedConversation;
use protocol::{
    ApiError, ClientId, Conversation, ErrorCode, ListFilter, ListPosition, MembershipChange, Person, limits,
};
use serde::{Deserialize, Serialize};

/// Request to create a conversation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct CreateConversation {
    /// Usernames of the other members. A conversation has at most 500 members, the user included.
    #[schema(min_items = 1, max_items = 500)]
    participants: Vec<String>,
    /// Title of a group, at most 120 characters. Without it, one other member makes a direct conversation.
    #[serde(default)]
    #[schema(max_length = 120)]
    title: Option<String>,
    /// An id that the client makes once per conversation (UUIDv7) and repeats with the request: a repeat gives the same
    /// conversation.
    #[serde(default)]
    client_id: Option<ClientId>,
}

/// A conversation that was created or found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct CreatedConversation {
    #[serde(flatten)]
    conversation: Conversation,
    /// The people who do not let the user add them to groups: they were invited, and are no members until they accept. Absent
    /// if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invited: Vec<Person>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Most conversations of the page, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the page before; absent for the first page.
    cursor: Option<String>,
    /// `unread`: the conversations of the list with unread messages or an unread mark. `archived`: those of the archive.
    /// `open` and `closed`: those of the list whose subject is open or closed. Absent: the list.
    #[serde(default)]
    filter: Option<ListFilter>,
    /// The conversations about subjects of this kind alone, those of the `filter`.
    subject_kind: Option<String>,
}

/// A page of the list of the user.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Conversations {
    /// Sorted by the last activity at the time of the first page, newest first. Without a filter the first page begins with the
    /// pinned ones in their own order, beside the others.
    conversations: Vec<Conversation>,
    /// The `cursor` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// People who match a search.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct People {
    /// The people found, the user included.
    people: Vec<Person>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
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
        (status = 400, body = ApiError, description = "The cursor is not one of this server, or the filter is unknown"),
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
        Some(Err(_)) => return Err(HttpError::new(ErrorCode::Malformed, "`cursor` is not a `next`")),
    };
    let limit = page_size(query.limit, limits::LIST_PAGE, limits::MAX_LIST_PAGE)?;
    let (conversations, next) = state
        .chat
        .conversation_page(user.person(), query.filter, query.subject_kind.as_deref(), after, limit)
        .await?;
    Ok(Answer(Conversations { conversations, next: next.map(|next| next.to_string()) }))
}

#[utoipa::path(
    post, path = "/api/conversations", tag = "conversations",
    params(IdempotencyKey),
    request_body = CreateConversation,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = CreatedConversation, description = "Created. A direct conversation appears in the other person's list with \
            its first message, a group at once"),
        (status = 200, body = CreatedConversation, description = "The direct conversation existed; it is in the list of the user now. \
            Or a repeat: the conversation that was created with this `client_id`"),
        (status = 409, body = ApiError, description = "The `client_id` was used for another conversation"),
        (status = 422, body = ApiError, description = "A value breaks a rule, or a username does not exist"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn open(
    State(state): State<AppState>,
    user: CurrentUser,
    key: IdempotencyKey,
    Json(body): Json<CreateConversation>,
) -> Result<(StatusCode, Answer<CreatedConversation>), HttpError> {
    let title = body.title.as_deref();
    let client_id = key.or_of(body.client_id);
    let OpenedConversation { conversation, is_new, invited } =
        state.chat.open_conversation_once(user.person(), &body.participants, title, client_id).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Answer(CreatedConversation { conversation, invited })))
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

/// Changes the user's own state of a conversation, which no other member sees.
#[utoipa::path(
    patch, path = "/api/conversations/{id}/me", tag = "conversations",
    request_body = MembershipChange,
    params(("id" = i64, Path, description = "Id of the conversation")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversation, description = "The conversation after the change; a repeat changes nothing"),
        (status = 404, body = ApiError, description = "The conversation does not exist for this person"),
        (status = 422, body = ApiError, description = "A time that has passed, the place 0, more than 50 pinned conversations, a \
            conversation that is both archived and pinned, or a draft that could not be sent"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn change_own(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Json(change): Json<MembershipChange>,
) -> Result<Answer<Conversation>, HttpError> {
    state.chat.update_membership(user.person(), id, change).await?;
    Ok(Answer(state.chat.conversation(user.person(), id).await?))
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
