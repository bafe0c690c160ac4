//! Security middleware: host check, CSRF check, response headers.

use crate::assets;
use crate::auth;
use crate::error::HttpError;
use crate::http::pages::no_page;
use crate::state::AppState;
use app::server_pages::NoPage;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use protocol::{ErrorBody, ErrorCode};

/// The script that puts embedded pages into pages of other origins.
const EMBED_SCRIPT: &str = "/embed.js";

/// Rejects requests for foreign host names, against DNS rebinding. Static assets are still served, because the error page
/// needs its style sheet, and they are the same for everyone.
pub(crate) async fn check_host(State(state): State<AppState>, request: Request, next: Next) -> Response {
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
    AuditEvent::new(AuditAction::ForeignHost, AuditOutcome::Refused).emit();
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

/// Forms that sign in by their body. A token in `Authorization` authenticates nothing there.
const SIGN_INS: [&str; 4] = ["/sign-in", "/register", "/sso", "/demo/sign-in"];

/// Rejects cross-site requests with side effects (CSRF). Requests with a token in `Authorization` pass, because another
/// site cannot make a browser send one, unless the token has no part in what they do: a reverse proxy may add one to all requests.
pub(crate) async fn check_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    if reads
        || auth::bearer_token(headers).is_some() && !SIGN_INS.contains(&request.uri().path())
        || is_own_origin(&state, headers)
        || is_hand_over(&state, request.uri().path(), headers)
    {
        return next.run(request).await;
    }
    AuditEvent::new(AuditAction::CrossSite, AuditOutcome::Refused).emit();
    HttpError::new(ErrorCode::Forbidden, "This request comes from another site").into_response()
}

/// Whether the request is the form of single sign-on, from a page of a product.
fn is_hand_over(state: &AppState, path: &str, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    path == "/sso" && origin.is_some_and(|origin| state.sso.allow_origin(origin))
}

/// Whether the request comes from a page of this server, or from a program.
pub(crate) fn is_own_origin(state: &AppState, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin"), origin) => origin.is_none_or(|origin| state.origins.is_own(origin)),
        // Sent by the user or by a program, never by another page.
        (Some("none"), origin) => origin.is_none_or(|origin| state.origins.is_own(origin)),
        (Some(_), _) => false,
        (None, Some(origin)) => state.origins.is_own(origin),
        // Current browsers send one of the two with a form; a request without both comes from a program.
        (None, None) => true,
    }
}

/// Sets security headers on every response that does not have them.
pub(crate) async fn set_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // Pages of other origins load it, and their frames show embedded pages.
    let resources = if request.uri().path() == EMBED_SCRIPT { "cross-origin" } else { "same-origin" };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", resources);
    // Pages set their own policy, with a nonce.
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
