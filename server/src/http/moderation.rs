//! The pages of moderators, and their forms. Whoever moderates nothing is answered as at an address where nothing is.

use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::extract::{FormFields, QueryParams};
use crate::http::forms::{is_other_user, with_next};
use crate::http::pages;
use crate::state::AppState;
use app::server_pages::{Moderation, ModerationConversation, ModerationList, ModerationReason};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use chat::account::Identity;
use chat::{Clock as _, ModerationRequest, Moderator, SystemClock};
use protocol::{ConversationId, ErrorBody, ErrorCode, limits};
use serde::Deserialize;
use tower_cookies::Cookies;

/// Length of the text of a refused form that is shown again, in characters.
const MAX_TYPED: usize = 400;

/// The query of the list.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListQuery {
    kind: Option<String>,
    state: Option<String>,
    subject: Option<String>,
    cursor: Option<String>,
}

/// The query of a conversation.
#[derive(Debug, Deserialize)]
pub(crate) struct HistoryQuery {
    before: Option<i64>,
}

/// Shows the list.
pub(crate) async fn list(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    uri: Uri,
    headers: HeaderMap,
    QueryParams(query): QueryParams<ListQuery>,
) -> Response {
    let Some(user) = user else { return sign_in_first(&uri) };
    match list_page(&state, &user, query).await {
        Ok(list) => pages::moderation_page(&state, &headers, &user, Moderation::List(list)),
        Err(error) => pages::refused(&state, &headers, error),
    }
}

async fn list_page(state: &AppState, user: &Identity, query: ListQuery) -> Result<ModerationList, HttpError> {
    let by = state.chat.moderator(&user.person, state.chat.subject_kinds()).await?;
    let ListQuery { kind, state: open_or_closed, subject, cursor } = query;
    let closed = match open_or_closed.as_deref() {
        None => None,
        Some("open") => Some(false),
        Some("closed") => Some(true),
        Some(_) => return Err(ErrorCode::NotFound.into()),
    };
    let after = cursor.map(|cursor| cursor.parse()).transpose();
    let after = after.map_err(|()| HttpError::from(ErrorCode::NotFound))?;
    let request = ModerationRequest {
        kind: kind.clone(),
        closed,
        subject: subject.clone(),
        after,
        limit: limits::LIST_PAGE,
    };
    let page = state.chat.moderated_list(&by, &request).await?;
    Ok(ModerationList {
        kinds: by.kinds().map(|kind| (kind.kind().to_owned(), kind.name().to_owned())).collect(),
        kind,
        closed,
        subject: subject.unwrap_or_default(),
        is_first: after.is_none(),
        page,
        now: SystemClock.now(),
    })
}

/// Shows a conversation, or the form for the reason to look into it.
pub(crate) async fn conversation(
    State(state): State<AppState>,
    Path(id): Path<String>,
    MaybeUser(user): MaybeUser,
    uri: Uri,
    cookies: Cookies,
    headers: HeaderMap,
    QueryParams(query): QueryParams<HistoryQuery>,
) -> Response {
    let Some(user) = user else { return sign_in_first(&uri) };
    let before = query.before.filter(|before| *before > 0);
    let shown = async {
        let by = state.chat.moderator(&user.person, state.chat.subject_kinds()).await?;
        let kept = state.flashes.take_unsaved(&cookies, uri.path(), user.person.id);
        let kept = kept.and_then(|kept| kept.text("reason")).unwrap_or_default();
        show(&state, &by, &user, number(&id)?, before, Typed { why: None, reason: &kept }).await
    };
    match shown.await {
        Ok(page) => pages::moderation_page(&state, &headers, &user, page),
        Err(error) => pages::refused(&state, &headers, error),
    }
}

/// Stores the reason to look into a conversation, and shows it. Fields: `reason`, `me`.
pub(crate) async fn give_reason(
    State(state): State<AppState>,
    Path(id): Path<String>,
    MaybeUser(user): MaybeUser,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    change(&state, &id, user, &headers, &fields, Change::GiveReason).await
}

/// Closes a conversation. Fields: `reason`, `me`.
pub(crate) async fn close(
    State(state): State<AppState>,
    Path(id): Path<String>,
    MaybeUser(user): MaybeUser,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    change(&state, &id, user, &headers, &fields, Change::Close).await
}

/// Opens a conversation again. Field: `me`.
pub(crate) async fn reopen(
    State(state): State<AppState>,
    Path(id): Path<String>,
    MaybeUser(user): MaybeUser,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    change(&state, &id, user, &headers, &fields, Change::Reopen).await
}

/// What a form does.
#[derive(Clone, Copy)]
enum Change {
    GiveReason,
    Close,
    Reopen,
}

/// The input that the form of the page begins with, and the reason why it was refused.
struct Typed<'a> {
    why: Option<ErrorBody>,
    reason: &'a str,
}

async fn change(
    state: &AppState,
    id: &str,
    user: Option<Identity>,
    headers: &HeaderMap,
    fields: &FormFields,
    change: Change,
) -> Response {
    let Some(user) = user else {
        let page = number(id).map_or_else(|_| "/moderation".to_owned(), |id| format!("/moderation/{id}"));
        return Redirect::to(&with_next("/sign-in", &page)).into_response();
    };
    let changed = async {
        let by = state.chat.moderator(&user.person, state.chat.subject_kinds()).await?;
        let (id, reason) = (number(id)?, fields.get("reason"));
        let done = if is_other_user(fields, &user.person) {
            Err(ErrorCode::NotAuthenticated.into())
        } else {
            match change {
                Change::GiveReason => state.chat.give_moderation_reason(&by, id, reason).await.map(drop),
                Change::Close => state.chat.close_as_moderator(&by, id, reason).await.map(drop),
                Change::Reopen => state.chat.reopen_as_moderator(&by, id).await.map(drop),
            }
        };
        let why = match done.map_err(chat::Error::into_body) {
            Ok(()) => return Ok(Redirect::to(&format!("/moderation/{id}")).into_response()),
            Err(why) if matches!(why.code, ErrorCode::Invalid | ErrorCode::NotAuthenticated) => why,
            Err(why) => return Err(HttpError(why)),
        };
        let status = StatusCode::from_u16(why.code.status()).unwrap_or_default();
        let page = show(state, &by, &user, id, None, Typed { why: Some(why), reason }).await?;
        Ok((status, pages::moderation_page(state, headers, &user, page)).into_response())
    };
    changed.await.unwrap_or_else(|error: HttpError| pages::refused(state, headers, error))
}

/// The page of a conversation: the form for the reason, as long as none is good.
async fn show(
    state: &AppState,
    by: &Moderator<'_>,
    user: &Identity,
    id: ConversationId,
    before: Option<i64>,
    Typed { why: refused, reason }: Typed<'_>,
) -> Result<Moderation, HttpError> {
    let typed = reason.chars().take(MAX_TYPED).collect();
    let me = user.person.clone();
    match state.chat.moderated_conversation(by, id).await.map_err(chat::Error::into_body) {
        Ok(conversation) => {
            let page = state.chat.moderated_page(by, id, before, limits::PAGE).await?;
            let now = SystemClock.now();
            Ok(Moderation::Conversation(Box::new(ModerationConversation {
                me,
                conversation,
                page,
                refused,
                typed,
                now,
            })))
        }
        Err(why) if why.code == ErrorCode::Forbidden => {
            let subject = state.chat.moderated_subject(by, id).await?;
            let kind = by.kinds().find(|kind| kind.kind() == subject.kind);
            let kind = kind.map_or(subject.kind.clone(), |kind| kind.name().to_owned());
            Ok(Moderation::Reason(ModerationReason { me, id, kind, subject: subject.id, refused, typed }))
        }
        Err(why) => Err(HttpError(why)),
    }
}

fn number(id: &str) -> Result<ConversationId, HttpError> {
    id.parse().map_err(|_| ErrorCode::NotFound.into())
}

fn sign_in_first(uri: &Uri) -> Response {
    let next = uri.path_and_query().map_or("/moderation", |path| path.as_str());
    Redirect::to(&with_next("/sign-in", next)).into_response()
}
