//! Who is asking: a token in `Authorization`, else (sockets only) one in the address, else the session cookie.

use crate::auth::web_session;
use crate::http::error::Refusal;
use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chat::account::Identity;
use protocol::{ErrorCode, Person};
use tower_sessions::Session;

/// Somebody who is signed in; anybody else is refused with 401.
#[derive(Clone, Debug)]
pub(crate) struct Who(pub(crate) Identity);

impl Who {
    pub(crate) fn person(&self) -> &Person {
        &self.0.person
    }
}

impl FromRequestParts<AppState> for Who {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let Anyone(who) = Anyone::from_request_parts(parts, state).await?;
        who.map(Self).ok_or_else(|| ErrorCode::NotAuthenticated.into())
    }
}

/// Somebody, or nobody.
#[derive(Clone, Debug)]
pub(crate) struct Anyone(pub(crate) Option<Identity>);

impl FromRequestParts<AppState> for Anyone {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let who = match bearer(&parts.headers) {
            Some(token) => by_token(state, token).await?,
            None => by_cookie(state, parts.extensions.get::<Session>()).await?,
        };
        if let (Some(demo), Some(who)) = (&state.demo, &who) {
            demo.visitors().seen(who.person.id);
        }
        Ok(Self(who))
    }
}

/// The token of the `Authorization` header. Another scheme than `Bearer` is a token that nobody has.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        _ => Some(""),
    }
}

/// Whether the request bears our cookie.
pub(crate) fn has_cookie(state: &AppState, headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut names = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split('=').next());
    names.any(|name| name.trim() == state.cookie())
}

pub(crate) async fn by_token(state: &AppState, token: &str) -> Result<Option<Identity>, Refusal> {
    match state.chat.accounts().by_token(token).await {
        Ok(who) => Ok(Some(who)),
        Err(chat::Error::Refused(body)) if body.code == ErrorCode::NotAuthenticated => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn by_cookie(
    state: &AppState,
    session: Option<&Session>,
) -> Result<Option<Identity>, Refusal> {
    match session {
        Some(session) => Ok(web_session::current(session, state).await?),
        None => Ok(None),
    }
}
