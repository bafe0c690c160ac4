//! Request bodies. Each is read whole, within bounds of size and time, before a handler runs: so the extractors authenticate the
//! request after its body has arrived, and nobody whose sign-in ends meanwhile is served.

use crate::error::HttpError;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use protocol::ErrorCode;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Maximum size of a request body, in bytes. With `connections_per_address`, it bounds the memory that one address can occupy.
const MAX_BODY: usize = 64 * 1024;
/// Longest pause within a body; also the time after which [`MIN_BYTES_PER_SECOND`] applies.
const MAX_PAUSE: Duration = Duration::from_secs(15);
/// Least rate of a body on average, after [`MAX_PAUSE`]. The longest message takes 80 s at this rate.
const MIN_BYTES_PER_SECOND: u32 = 256;

/// Reads the body, and passes the request on with all of it.
pub(crate) async fn read(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = match declared_length(&parts.headers) {
        Some(length) if length > MAX_BODY as u64 => Err(ErrorCode::TooLarge),
        _ => collect(body).await,
    };
    match body {
        Ok(body) if body.is_empty() || takes_body(&parts.method) => {
            next.run(Request::from_parts(parts, Body::from(body))).await
        }
        Ok(_) => {
            let why = format!("A {} request takes no body", parts.method);
            HttpError::new(ErrorCode::UnsupportedMediaType, why).into_response()
        }
        Err(code) => {
            let mut response = HttpError::from(code).into_response();
            // The rest of the body is not read, so no other request can follow on this connection.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether the routes of this method read a body. A body of other methods is refused, never passed over.
fn takes_body(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS)
}

async fn collect(mut body: Body) -> Result<Bytes, ErrorCode> {
    let began = Instant::now();
    let mut last = began;
    let mut collected = BytesMut::new();
    loop {
        let received = u32::try_from(collected.len()).unwrap_or(u32::MAX);
        let at_least_rate = began + MAX_PAUSE + Duration::from_secs(1) * received / MIN_BYTES_PER_SECOND;
        let frame = match timeout_at(at_least_rate.min(last + MAX_PAUSE), body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(ErrorCode::Malformed),
            Ok(None) => return Ok(collected.freeze()),
            Err(_) => return Err(ErrorCode::RequestTimeout),
        };
        last = Instant::now();
        // Trailers are not used.
        let Ok(data) = frame.into_data() else { continue };
        if collected.len() + data.len() > MAX_BODY {
            return Err(ErrorCode::TooLarge);
        }
        collected.extend_from_slice(&data);
    }
}
