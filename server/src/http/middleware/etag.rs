//! Entity tags of API responses: a client that has the current state gets 304 without a body.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Answers `GET` under `/api/` with an `ETag`, and with 304 if the request names it in `If-None-Match`.
pub(crate) async fn tag(request: Request, next: Next) -> Response {
    if request.method() != Method::GET || !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The handlers have made the whole body already, so that this only copies its parts together.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = weak_tag(&body);
    let is_current = known.is_some_and(|known| names(&known, &tag));
    if let Ok(value) = HeaderValue::try_from(tag) {
        parts.headers.insert(header::ETAG, value);
    }
    if is_current {
        parts.status = StatusCode::NOT_MODIFIED;
        strip_content(&mut parts.headers);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

/// A weak tag, since the body is compressed later. 96 bits of SHA-256.
fn weak_tag(body: &[u8]) -> String {
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..12]))
}

/// Whether `If-None-Match` names this tag, by the weak comparison (RFC 9110, 13.1.2).
fn names(known: &HeaderValue, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = known.to_str().unwrap_or_default();
    known.split(',').any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
}

fn strip_content(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_tags_are_compared_weakly() {
        let tag = weak_tag(b"body");
        assert_ne!(tag, weak_tag(b"other"));
        let strong = tag.trim_start_matches("W/").to_owned();
        for known in ["*", &tag, &strong, &format!("\"a\", {tag}")] {
            assert!(names(&HeaderValue::from_str(known).unwrap(), &tag), "{known}");
        }
        for known in ["", "\"\"", "W/\"a\", \"b\""] {
            assert!(!names(&HeaderValue::from_str(known).unwrap(), &tag), "{known}");
        }
    }
}
