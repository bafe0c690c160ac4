//! Sign-in of the market: a person picked from a list, without a password, in a signed session cookie.

use crate::data::{PEOPLE, Person, person};
use crate::layout::{Failure, layout};
use crate::{App, Market};
use axum::Form;
use axum::extract::{FromRequestParts, Query};
use axum::http::{HeaderMap, StatusCode, request::Parts};
use axum::response::Redirect;
use axum_extra::extract::cookie::{Cookie, SameSite, SignedCookieJar};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

const COOKIE: &str = "market_session";

/// The person who is signed in. As an argument of a handler, it leads everybody else to the sign-in.
pub(crate) type SignedIn = &'static Person;
/// The person who is signed in, if anybody is.
pub(crate) type Visitor = Result<SignedIn, Redirect>;

impl FromRequestParts<Arc<Market>> for SignedIn {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, market: &Arc<Market>) -> Visitor {
        let cookie = cookies(market, &parts.headers).get(COOKIE);
        cookie.and_then(|cookie| person(cookie.value())).ok_or_else(|| Redirect::to("/sign-in"))
    }
}

/// The person who signs in, and the path of the page to return to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignIn {
    person: String,
    next: String,
}

pub(crate) async fn show(visitor: Visitor, form: Query<SignIn>) -> Markup {
    let content = html! {
        h1 { "Who are you?" }
        form.people method="post" {
            input type="hidden" name="next" value=(local_path(&form.next));
            @for person in &PEOPLE { button name="person" value=(person.id) { (person.name) } }
        }
    };
    layout("Sign in", visitor.ok(), &content)
}

pub(crate) async fn sign_in(
    market: App,
    headers: HeaderMap,
    form: Form<SignIn>,
) -> Result<(SignedCookieJar, Redirect), Failure> {
    let unknown = Failure(StatusCode::UNPROCESSABLE_ENTITY, "Choose one of the people.");
    let session = cookie(&market, person(&form.person).ok_or(unknown)?.id);
    Ok((cookies(&market, &headers).add(session), Redirect::to(local_path(&form.next))))
}

pub(crate) async fn sign_out(market: App, headers: HeaderMap) -> (SignedCookieJar, Redirect) {
    (cookies(&market, &headers).remove(cookie(&market, "")), Redirect::to("/"))
}

fn cookies(market: &Market, headers: &HeaderMap) -> SignedCookieJar {
    SignedCookieJar::from_headers(headers, market.cookie_key.clone())
}

fn cookie(market: &Market, value: &'static str) -> Cookie<'static> {
    let secure = market.url.starts_with("https:");
    Cookie::build((COOKIE, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).build()
}

/// The path to return to after the sign-in: one of the market itself, else its first page.
fn local_path(next: &str) -> &str {
    // Browsers take `//host` and `/\host` for addresses of other sites, and pass over tabs and line breaks.
    let is_local = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    if is_local && !next.contains(char::is_control) { next } else { "/" }
}
