//! Extractors of the user that a request is authenticated as: by the token in `Authorization`, else by the session
//! cookie. WebSocket upgrades also take a token in the query.

use crate::auth::web_session;
use crate::config::AllowedOrigins;
use crate::demo::Visitors;
use crate::error::HttpError;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chat::ChatService;
use chat::account::Identity;
use protocol::{ErrorCode, Person, UserId};
use std::sync::{Arc, OnceLock};
use tower_sessions::Session;

/// The authenticated user; requests without one are rejected with 401.
#[derive(Clone, Debug)]
pub(crate) struct CurrentUser(pub(crate) Identity);

impl CurrentUser {
    pub(crate) fn person(&self) -> &Person {
        &self.0.person
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    ChatService: FromRef<S>,
    Option<Visitors>: FromRef<S>,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let MaybeUser(user) = MaybeUser::from_request_parts(parts, state).await?;
        user.map(Self).ok_or_else(|| ErrorCode::NotAuthenticated.into())
    }
}

/// The person or product of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Caller {
    /// A person.
    User(UserId),
    /// The service key with this number.
    Key(i64),
}

/// Tells a middleware whom its request was authenticated as.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authenticated(Arc<OnceLock<Caller>>);

impl Authenticated {
    pub(super) fn set(&self, caller: Caller) {
        // A handler may extract the user twice; it is the same one.
        let _ = self.0.set(caller);
    }

    /// The caller, once the handler has extracted it.
    pub(crate) fn get(&self) -> Option<Caller> {
        self.0.get().copied()
    }
}

/// The authenticated user, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct MaybeUser(pub(crate) Option<Identity>);

impl<S> FromRequestParts<S> for MaybeUser
where
    S: Send + Sync,
    ChatService: FromRef<S>,
    Option<Visitors>: FromRef<S>,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let chat = ChatService::from_ref(state);
        let user = match bearer_token(&parts.headers) {
            Some(token) => user_by_token(&chat, token).await?,
            None => user_by_cookie(&chat, parts.extensions.get::<Session>()).await?,
        };
        if let (Some(authenticated), Some(user)) = (parts.extensions.get::<Authenticated>(), &user) {
            authenticated.set(Caller::User(user.person.id));
        }
        if let (Some(visitors), Some(user)) = (Option::<Visitors>::from_ref(state), &user) {
            visitors.seen(user.person.id);
        }
        Ok(Self(user))
    }
}

/// The token of an `Authorization` header with the scheme `Bearer`. Another scheme counts as absent: browsers repeat the
/// password that a reverse proxy asked for (`Basic`) with every request, also with those of other sites.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(header::AUTHORIZATION).iter().find_map(|value| {
        let value = value.to_str().unwrap_or_default();
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    })
}

/// Whether the request carries a session cookie of this server.
pub(crate) fn has_session_cookie(origins: &AllowedOrigins, headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut names = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split('=').next());
    let ours = [web_session::cookie_name(origins), web_session::embedded_cookie_name(origins)];
    names.any(|name| ours.contains(&name.trim()))
}

/// The user that an access token was issued to; `None` if the token is invalid.
pub(crate) async fn user_by_token(chat: &ChatService, token: &str) -> Result<Option<Identity>, HttpError> {
    match chat.accounts().by_token(token).await {
        Ok(user) => Ok(Some(user)),
        Err(chat::Error::Refused(body)) if body.code == ErrorCode::NotAuthenticated => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The user of a web session; `None` if there is no session or it is not signed in.
pub(crate) async fn user_by_cookie(
    chat: &ChatService,
    session: Option<&Session>,
) -> Result<Option<Identity>, HttpError> {
    match session {
        Some(session) => Ok(web_session::current_user(session, chat).await?),
        None => Ok(None),
    }
}
