//! Responses that are written before hyper has a request to answer: to a slow request head, or a connection too many.

use axum::http::StatusCode;
use protocol::{ApiError, ErrorCode};

/// A complete HTTP/1.1 response with this error, after which the connection is closed.
pub(super) fn raw_response(code: ErrorCode) -> Vec<u8> {
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // An error of two strings can always be encoded.
    let body = serde_json::to_string(&ApiError { error: code.into() }).unwrap_or_default();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
