//! Request bodies. Each is read whole, within bounds of size and time, before a handler runs: so the extractors authenticate the
//! request after its body has arrived, and nobody whose sign-in ends meanwhile is served. A body that no handler reads is refused.

use crate::error::HttpError;
use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::MethodRouter;
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
        Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(code) => {
            let mut response = HttpError::from(code).into_response();
            // The rest of the body is not read, so no other request can follow on this connection.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

/// Refuses bodies for those methods of a route that read none. Another method is answered as such.
pub(crate) fn refuse_unwanted<S>(route: MethodRouter<S>) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    route.route_layer(from_fn(refuse_body))
}

/// Refuses a body where the handler reads none; it is never passed over.
pub(crate) async fn refuse_body(request: Request, next: Next) -> Response {
    let is_empty = request.body().size_hint().exact() == Some(0);
    if is_empty || takes_body(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    let why = format!("A {} request takes no body", request.method());
    HttpError::new(ErrorCode::UnsupportedMediaType, why).into_response()
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether the routes of this method, or this one of them, read a body.
fn takes_body(method: &Method, path: &str) -> bool {
    // The URL of a push endpoint is a capability, and does not belong into an address.
    let names_endpoint = path == "/api/me/push-subscriptions" && *method == Method::DELETE;
    names_endpoint || !matches!(*method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS)
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
