//! Routes, and the headers of all answers.

use crate::failure::Failure;
use crate::state::AppState;
use crate::{pages, session, webhooks};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tower_cookies::CookieManagerLayer;

/// Largest body of a request, in bytes: webhooks contain a message of at most 5,000 characters.
const MAX_BODY: usize = 256 * 1024;

/// The market as a service.
pub(crate) fn router(state: AppState) -> Router {
    Router::new()
        .route("/", get(pages::home::show))
        .route("/sign-in", get(pages::sign_in::show).post(pages::sign_in::submit))
        .route("/sign-out", post(pages::sign_in::sign_out))
        .route("/listings/{id}", get(pages::listing::show))
        .route("/listings/{id}/chat", post(pages::listing::chat))
        .route("/jobs/{id}", get(pages::job::show))
        .route("/jobs/{id}/applications", post(pages::job::apply))
        .route("/jobs/{id}/accept", post(pages::job::accept))
        .route("/style.css", get(style))
        .layer(from_fn(session::refuse_other_sites))
        .route("/webhooks/rapport", post(webhooks::receive))
        .fallback(async || Failure::NotFound)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CookieManagerLayer::new())
        .layer(from_fn_with_state(state.clone(), headers))
        .with_state(state)
}

async fn style() -> ([(axum::http::HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"))
}

/// Adds the security headers. Scripts and frames are Rapport's alone; a page is not kept, since its token is good once.
async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let rapport = &state.rapport.url;
    let policy = format!(
        "default-src 'none'; script-src {rapport}; frame-src {rapport}; style-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
