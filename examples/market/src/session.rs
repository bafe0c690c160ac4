//! Sign-in of the market: a person picked from a list, in a signed session cookie.

use crate::data::{Person, person};
use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use std::convert::Infallible;
use tower_cookies::cookie::SameSite;
use tower_cookies::{Cookie, Cookies};

const COOKIE: &str = "market_session";

/// The person who is signed in, if anybody is.
pub(crate) struct Visitor(pub(crate) Option<&'static Person>);

/// A person who is signed in; other requests are redirected to the sign-in.
pub(crate) struct SignedIn(pub(crate) &'static Person);

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let cookies = parts.extensions.get::<Cookies>();
        let cookie = cookies.and_then(|cookies| cookies.signed(&state.cookie_key).get(COOKIE));
        Ok(Self(cookie.and_then(|cookie| person(cookie.value()))))
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Ok(Visitor(visitor)) = Visitor::from_request_parts(parts, state).await;
        visitor.map(Self).ok_or_else(|| Redirect::to("/sign-in").into_response())
    }
}

/// Signs the person in. Forms of other sites come without the cookie, since it is `SameSite=Lax`.
pub(crate) fn begin(state: &AppState, cookies: &Cookies, person: &'static Person) {
    cookies.signed(&state.cookie_key).add(cookie(state, person.id));
}

/// Signs out.
pub(crate) fn end(state: &AppState, cookies: &Cookies) {
    cookies.signed(&state.cookie_key).remove(cookie(state, ""));
}

fn cookie(state: &AppState, value: &'static str) -> Cookie<'static> {
    let secure = state.config.url.starts_with("https:");
    Cookie::build((COOKIE, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).build()
}

/// The path to return to after the sign-in: one of the market itself, else its first page.
pub(crate) fn local_path(next: &str) -> &str {
    // Browsers take `//host` and `/\host` for addresses of other sites, and pass over tabs and line breaks.
    let is_local = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    if is_local && !next.contains(char::is_control) { next } else { "/" }
}

/// 403 for a form that another site posted: a browser says so by `Sec-Fetch-Site`.
pub(crate) async fn refuse_other_sites(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response {
    let site = request.headers().get("sec-fetch-site").map(|site| site.as_bytes().to_vec());
    let is_foreign = matches!(site.as_deref(), Some(b"cross-site" | b"same-site"));
    if request.method() == axum::http::Method::POST && is_foreign {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn x2_after_the_sign_in_nobody_is_led_to_another_site() {
        assert_eq!(local_path("/listings/1?conversation=5"), "/listings/1?conversation=5");
        assert_eq!(local_path("/"), "/");
        for foreign in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "x"]
        {
            assert_eq!(local_path(foreign), "/", "{foreign:?}");
        }
    }
}
