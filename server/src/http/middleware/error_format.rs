//! The error format: every refusal is an [`protocol::ApiError`] as JSON or a page, also those of axum, Leptos and a panic.

use crate::error::HttpError;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chat::contain;
use protocol::{ErrorBody, ErrorCode};

/// Maximum length of a plain text that is taken over as the sentence of the error, in bytes.
const MAX_SENTENCE: usize = 256;

/// Contains panics of handlers, and replaces the bodies of errors that have another format.
pub(crate) async fn unify(request: Request, next: Next) -> Response {
    let Some(response) = contain("HTTP request", next.run(request)).await else {
        return HttpError::from(ErrorCode::Internal).into_response();
    };
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_formatted(response.headers()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let code = code(status);
    let sentence = sentence(body).await.unwrap_or_else(|| code.text().to_owned());
    let mut unified = HttpError(ErrorBody::because(code, sentence)).into_response();
    *unified.status_mut() = status;
    for (name, value) in &parts.headers {
        // Such as `Allow` and `Retry-After`.
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(name) {
            unified.headers_mut().insert(name, value.clone());
        }
    }
    unified
}

fn is_formatted(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|kind| kind.starts_with("application/json") || kind.starts_with("text/html"))
}

async fn sentence(body: Body) -> Option<String> {
    let text = to_bytes(body, MAX_SENTENCE).await.ok()?;
    String::from_utf8(text.to_vec()).ok().filter(|text| !text.is_empty())
}

fn code(status: StatusCode) -> ErrorCode {
    match status.as_u16() {
        401 => ErrorCode::NotAuthenticated,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        405 => ErrorCode::MethodNotAllowed,
        408 => ErrorCode::RequestTimeout,
        413 => ErrorCode::TooLarge,
        415 => ErrorCode::UnsupportedMediaType,
        422 => ErrorCode::Invalid,
        429 => ErrorCode::RateLimited,
        503 => ErrorCode::Unavailable,
        500.. => ErrorCode::Internal,
        _ => ErrorCode::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt as _;

    async fn ask(path: &str) -> (StatusCode, HeaderMap, String) {
        let routes = Router::new()
            .route("/panics", get(async || -> () { panic!("injected") }))
            .route("/plain", get(async || (StatusCode::IM_A_TEAPOT, [("retry-after", "1")], "No coffee")))
            .route("/empty", get(async || StatusCode::SERVICE_UNAVAILABLE))
            .route("/fine", get(async || "fine"))
            .layer(from_fn(unify));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = routes.oneshot(request).await.unwrap().into_parts();
        let text = to_bytes(body, 4_096).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(text.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn v22_a_panic_and_plain_refusals_have_the_error_format() {
        let (status, _, text) = ask("/panics").await;
        assert_eq!(
            (status.as_u16(), text.as_str()),
            (500, r#"{"error":{"code":"internal","message":"Internal error"}}"#)
        );
        let (status, headers, text) = ask("/plain").await;
        assert_eq!(
            (status.as_u16(), text.as_str()),
            (418, r#"{"error":{"code":"malformed","message":"No coffee"}}"#)
        );
        assert_eq!(
            (&headers["retry-after"], &headers["content-type"]),
            (&"1".parse().unwrap(), &"application/json".parse().unwrap())
        );
        let (status, _, text) = ask("/empty").await;
        assert_eq!(status, 503);
        assert!(text.contains(r#""code":"unavailable""#), "{text}");
        assert_eq!(ask("/fine").await.2, "fine");
    }
}
