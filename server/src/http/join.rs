//! The page of an invitation link, and its form.

use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::extract::FormFields;
use crate::http::flash;
use crate::http::forms::{is_other_user, with_next};
use crate::http::pages;
use crate::state::AppState;
use app::server_pages::{Flash, Form, Join};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use chat::account::Identity;
use protocol::{ErrorBody, ErrorCode};
use tower_sessions::Session;

/// Longest token that is looked up.
const MAX_TOKEN: usize = 64;

/// Shows the group of a link to a person who can join it.
pub(crate) async fn page(
    State(state): State<AppState>,
    Path(token): Path<String>,
    MaybeUser(user): MaybeUser,
    headers: HeaderMap,
) -> Response {
    let Some(token) = valid(token) else { return HttpError::from(ErrorCode::NotFound).into_response() };
    let Some(user) = user else { return sign_in_first(&token) };
    show(&state, &headers, &user, token, None).await
}

/// Joins the group. Field: `me`.
pub(crate) async fn join(
    State(state): State<AppState>,
    Path(token): Path<String>,
    MaybeUser(user): MaybeUser,
    session: Session,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    if user.as_ref().is_some_and(|user| is_other_user(&fields, &user.person)) {
        // On another page: a flash message is stored with its page, and the token is to be stored nowhere.
        let why = ErrorCode::NotAuthenticated.into();
        flash::set(&session, &Flash::refused(Form::Invitation, "/", why)).await;
        return Redirect::to("/").into_response();
    }
    let Some(token) = valid(token) else { return HttpError::from(ErrorCode::NotFound).into_response() };
    let Some(user) = user else { return sign_in_first(&token) };
    match state.chat.join_by_link(&user.person, &token).await {
        Ok(group) => Redirect::to(&format!("/c/{group}")).into_response(),
        Err(error) => show(&state, &headers, &user, token, Some(error.into_body())).await,
    }
}

/// The token, if it has the form of one: it becomes a part of addresses.
fn valid(token: String) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    ((1..=MAX_TOKEN).contains(&token.len()) && token.bytes().all(allowed)).then_some(token)
}

fn sign_in_first(token: &str) -> Response {
    Redirect::to(&with_next("/sign-in", &format!("/join/{token}"))).into_response()
}

/// The page, with the reason why the form was refused.
async fn show(
    state: &AppState,
    headers: &HeaderMap,
    user: &Identity,
    token: String,
    refused: Option<ErrorBody>,
) -> Response {
    let found = state.chat.link_preview(&user.person, &token).await.map_err(chat::Error::into_body);
    let status = match (&found, &refused) {
        (Err(why), _) | (Ok(_), Some(why)) => StatusCode::from_u16(why.code.status()).unwrap_or_default(),
        (Ok(_), None) => StatusCode::OK,
    };
    let join = Join { me: user.person.clone(), token, found, refused };
    (status, pages::join_page(state, headers, user, join)).into_response()
}
