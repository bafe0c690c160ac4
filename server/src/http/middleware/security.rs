//! What stands before every route: the right host, no request that another site made a browser send, and headers
//! that keep a page to itself.

use crate::auth;
use crate::http::assets;
use crate::http::error::HttpError;
use crate::http::pages::no_page;
use crate::state::AppState;
use app::server_pages::NoPage;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chat::audit::{Act, Ended, Note};
use http_body_util::Limited;
use protocol::{ErrorBody, ErrorCode};

/// No request of ours is larger.
const MAX_BODY: usize = 64 * 1024;

/// A name that is not ours may be a page of somebody else's that had its name point here. It gets the files of the site,
/// which are the same for everyone, so that the page with the refusal has its style, and nothing else.
pub(crate) async fn host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let named = match request.headers().get(header::HOST) {
        Some(host) => host.to_str().ok().map(str::to_owned),
        None => request.uri().authority().map(ToString::to_string),
    };
    if named.as_deref().is_some_and(|host| state.origins.accepts_host(host)) {
        return next.run(request).await;
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && let Some(file) = assets::serve(&state.assets, request.uri(), request.headers()).await {
        return file;
    }
    Note::new(Act::ForeignHost, Ended::Refused).tell();
    let name: String = named.unwrap_or_default().chars().filter(|letter| *letter != '`').take(255).collect();
    let public = state.origins.public().map(ToString::to_string);
    let page = NoPage::WrongHost { host: name.clone(), public };
    let page = || no_page(&state, request.headers(), StatusCode::MISDIRECTED_REQUEST, page);
    if let Some(page) = reads.then(page).flatten() {
        return page;
    }
    let why = format!("This server does not answer to `{name}`; its address is set by RAPPORT_PUBLIC_URL");
    let mut response = HttpError(ErrorBody::because(ErrorCode::Malformed, why)).into_response();
    *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    response
}

/// Whatever changes something must come from a page of ours, or from no page at all. A browser cannot be made to send
/// a token in `Authorization`, so whoever does needs no page.
pub(crate) async fn same_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || auth::bearer_token(request.headers()).is_some() || from_us(&state, request.headers()) {
        return next.run(request).await;
    }
    Note::new(Act::CrossSite, Ended::Refused).tell();
    HttpError::new(ErrorCode::Forbidden, "This request comes from another site").into_response()
}

fn from_us(state: &AppState, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin"), origin) => origin.is_none_or(|origin| state.origins.is_own(origin)),
        // Typed in, or a program: never another page.
        (Some("none"), origin) => origin.is_none_or(|origin| state.origins.is_own(origin)),
        (Some(_), _) => false,
        (None, Some(origin)) => state.origins.is_own(origin),
        // Every browser of the last years sends one of the two with a form; this is a program.
        (None, None) => true,
    }
}

/// No body is larger than this, said so at once or not.
pub(crate) async fn size(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > MAX_BODY as u64) {
        return HttpError::from(ErrorCode::TooLarge).into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, MAX_BODY)))).await
}

/// Headers of every answer.
pub(crate) async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    // Pages bring their own, with a nonce.
    set(
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    set("cache-control", "no-store");
    if state.origins.is_https() {
        set("strict-transport-security", "max-age=31536000");
    }
    response
}
