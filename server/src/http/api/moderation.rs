//! Moderation: conversations about subjects, for the moderators whom the configuration names.

mod model;

use super::messages::page_size;
use crate::auth::CurrentUser;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, Json, NoFields, QueryParams};
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::State;
use chat::ModerationRequest;
use model::{
    CloseForModeration, GiveReason, GivenReason, Moderated, ModeratedConversations, ModeratedDetails,
    ModeratedHistoryQuery, ModerationQuery, NotModerated, SubjectState,
};
use protocol::{ApiError, ErrorCode, Page, limits};

#[utoipa::path(
    get, path = "/api/moderation/conversations", tag = "moderation",
    params(ModerationQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = ModeratedConversations, description = "A page of the conversations about subjects of the kinds that you \
            moderate. One that gets a message while pages are turned moves to the first page"),
        (status = 400, body = ApiError, description = "The cursor is not one of this server, or the state is unknown"),
        NotModerated,
        (status = 422, body = ApiError, description = "`limit` is outside its range"),
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    user: CurrentUser,
    QueryParams(query): QueryParams<ModerationQuery>,
) -> Result<Answer<ModeratedConversations>, HttpError> {
    let by = state.chat.moderator(user.person(), state.chat.subject_kinds()).await?;
    let ModerationQuery { kind, state: open_or_closed, subject, cursor, limit } = query;
    let no_cursor = |()| HttpError::new(ErrorCode::Malformed, "`cursor` is not a `next`");
    let after = cursor.map(|cursor| cursor.parse().map_err(no_cursor)).transpose()?;
    let closed = open_or_closed.map(|state| matches!(state, SubjectState::Closed));
    let limit = page_size(limit, limits::LIST_PAGE, limits::MAX_LIST_PAGE)?;
    let request = ModerationRequest { kind, closed, subject, after, limit };
    let page = state.chat.moderated_list(&by, &request).await?;
    let conversations = page.conversations.into_iter().map(Into::into).collect();
    Ok(Answer(ModeratedConversations { conversations, next: page.next.map(|next| next.to_string()) }))
}

#[utoipa::path(
    post, path = "/api/moderation/conversations/{id}/access", tag = "moderation",
    params(("id" = i64, Path, description = "Id of the conversation")),
    request_body = GiveReason,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = GivenReason, description = "The conversation is open to you until `ends_at`. The same reason within that time \
            is the same one"),
        NotModerated,
        (status = 422, body = ApiError, description = "The reason breaks a rule"),
    )
)]
pub(crate) async fn give_reason(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Json(body): Json<GiveReason>,
) -> Result<Answer<GivenReason>, HttpError> {
    let by = state.chat.moderator(user.person(), state.chat.subject_kinds()).await?;
    let (given, ends_at) = state.chat.give_moderation_reason(&by, id, &body.reason).await?;
    Ok(Answer(GivenReason { reason: given.reason, given_at: given.given_at, ends_at }))
}

#[utoipa::path(
    get, path = "/api/moderation/conversations/{id}", tag = "moderation",
    params(("id" = i64, Path, description = "Id of the conversation")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = ModeratedDetails, description = "The subject and the participants"),
        (status = 403, body = ApiError, description = "You have given no reason within the last 24 hours"),
        NotModerated,
    )
)]
pub(crate) async fn one(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
) -> Result<Answer<ModeratedDetails>, HttpError> {
    let by = state.chat.moderator(user.person(), state.chat.subject_kinds()).await?;
    Ok(Answer(state.chat.moderated_conversation(&by, id).await?.into()))
}

#[utoipa::path(
    get, path = "/api/moderation/conversations/{id}/messages", tag = "moderation",
    params(("id" = i64, Path, description = "Id of the conversation"), ModeratedHistoryQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Page, description = "A page of the whole history: deleted messages have no text, and what one person has hidden \
            is there"),
        (status = 403, body = ApiError, description = "You have given no reason within the last 24 hours"),
        NotModerated,
        (status = 422, body = ApiError, description = "`before` or `limit` is outside its range"),
    )
)]
pub(crate) async fn messages(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    QueryParams(query): QueryParams<ModeratedHistoryQuery>,
) -> Result<Answer<Page>, HttpError> {
    let by = state.chat.moderator(user.person(), state.chat.subject_kinds()).await?;
    if query.before.is_some_and(|before| before < 1) {
        return Err(HttpError::new(ErrorCode::Invalid, "`before` must be 1 or more"));
    }
    let limit = page_size(query.limit, limits::PAGE, limits::PAGE)?;
    Ok(Answer(state.chat.moderated_page(&by, id, query.before, limit).await?))
}

#[utoipa::path(
    post, path = "/api/moderation/conversations/{id}/close", tag = "moderation",
    params(("id" = i64, Path, description = "Id of the conversation")),
    request_body = CloseForModeration,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Moderated, description = "The conversation is closed for this reason: it can be read, and nobody can write. A \
            system message names you"),
        NotModerated,
        (status = 422, body = ApiError, description = "The reason breaks a rule"),
    )
)]
pub(crate) async fn close(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    Json(body): Json<CloseForModeration>,
) -> Result<Answer<Moderated>, HttpError> {
    let by = state.chat.moderator(user.person(), state.chat.subject_kinds()).await?;
    Ok(Answer(Moderated { changed: state.chat.close_as_moderator(&by, id, &body.reason).await? }))
}

#[utoipa::path(
    post, path = "/api/moderation/conversations/{id}/reopen", tag = "moderation",
    params(("id" = i64, Path, description = "Id of the conversation")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = Moderated, description = "The participants can write. A system message names you"),
        NotModerated,
    )
)]
pub(crate) async fn reopen(
    State(state): State<AppState>,
    user: CurrentUser,
    ConversationPath(id): ConversationPath,
    _: Option<Json<NoFields>>,
) -> Result<Answer<Moderated>, HttpError> {
    let by = state.chat.moderator(user.person(), state.chat.subject_kinds()).await?;
    Ok(Answer(Moderated { changed: state.chat.reopen_as_moderator(&by, id).await? }))
}
