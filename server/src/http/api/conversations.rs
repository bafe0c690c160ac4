//! Conversations and the people in them.

use crate::auth::CurrentUser;
use crate::http::error::HttpError;
use crate::http::extract::{ConversationPath, Json, QueryParams};
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::{ApiError, Conversation, ErrorCode, Person};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Open {
    participants: Vec<String>,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Conversations {
    conversations: Vec<Conversation>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct People {
    people: Vec<Person>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct Words {
    #[serde(default)]
    q: String,
}

#[utoipa::path(
    get, path = "/api/conversations", tag = "conversations",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversations, description = "The conversations in one's list, newest activity first. A direct one \
            that somebody else opened is among them from its first message on"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
) -> Result<Answer<Conversations>, HttpError> {
    let conversations = state.chat.conversations(user.person()).await?;
    Ok(Answer(Conversations { conversations }))
}

#[utoipa::path(
    post, path = "/api/conversations", tag = "conversations",
    request_body = Open,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = Conversation, description = "Founded. A direct conversation appears in the other person's list with \
            its first message, a group at once"),
        (status = 200, body = Conversation, description = "The direct one was there, and is in one's list now"),
        (status = 404, body = ApiError, description = "Nobody of such a name"),
        (status = 422, body = ApiError, description = "A rule is broken"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn open(
    State(state): State<AppState>,
    user: CurrentUser,
    Json(body): Json<Open>,
) -> Result<(StatusCode, Answer<Conversation>), HttpError> {
    let title = body.title.as_deref();
    let (conversation, founded) =
        state.chat.open_conversation(user.person(), &body.participants, title).await?;
    Ok((if founded { StatusCode::CREATED } else { StatusCode::OK }, Answer(conversation)))
}

#[utoipa::path(
    get, path = "/api/conversations/{id}", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Conversation, description = "As asked"),
        (status = 404, body = ApiError, description = "Not there for this person"),
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

/// Takes somebody out, or leaves.
#[utoipa::path(
    delete, path = "/api/conversations/{id}/members/{member}", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation"), ("member" = i64, Path, description = "Who")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "Gone"),
        (status = 403, body = ApiError, description = "Members remove nobody but themselves"),
        (status = 404, body = ApiError, description = "Not there for this person"),
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
    params(Words),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = People, description = "Whose names begin so"),
        (status = 401, body = ApiError, description = "Not signed in"),
    )
)]
pub(crate) async fn people(
    State(state): State<AppState>,
    user: CurrentUser,
    QueryParams(words): QueryParams<Words>,
) -> Result<Answer<People>, HttpError> {
    Ok(Answer(People { people: state.chat.people(user.person(), &words.q).await? }))
}
