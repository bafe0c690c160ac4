//! Request ids, which appear in all log lines of a request or socket and in the response; logging and counting of requests.

use crate::auth::client_addr;
use crate::http::invitation_link::without_token;
use crate::ops::metrics;
use crate::state::AppState;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::fmt;
use std::time::Instant;
use tracing::Instrument as _;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::request";

const HEADER: &str = "x-request-id";

/// The id of a request or socket in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// A random id of 64 bits: unique enough within the retention of a log.
    pub(crate) fn generate() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()))
    }

    /// The id that a proxy set, if there is exactly one and it has the form of an id.
    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(HEADER).iter();
        let (Some(id), None) = (given.next(), given.next()) else { return None };
        let id = id.to_str().ok().filter(|id| (1..=64).contains(&id.len()))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        id.bytes().all(plain).then(|| Self(id.to_owned()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Assigns the request id, and logs and counts the response. The query is not logged, because it may hold a token, nor is the
/// token of an invitation link in the path.
pub(crate) async fn track(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let trusted = state.proxies.trusts(client_addr::peer_addr(request.extensions()));
    let given = if trusted { RequestId::from_headers(request.headers()) } else { None };
    let id = given.unwrap_or_else(RequestId::generate);
    let from = client_addr::client_addr(&state.proxies, request.headers(), request.extensions());
    request.extensions_mut().insert(id.clone());
    // At the level of errors, so that the span is enabled whenever anything is logged.
    let span = tracing::error_span!(target: LOG_TARGET, "request", request = %id);
    let mut response = chat::audit::with_client_address(from, answer(request, next)).instrument(span).await;
    if let Ok(id) = HeaderValue::try_from(id.0) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}

async fn answer(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), without_token(request.uri().path()));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let began = Instant::now();
    let response = next.run(request).await;
    let (status, took) = (response.status(), began.elapsed());
    metrics::count_request(&method, route.as_ref(), status, took);
    tracing::debug!(target: LOG_TARGET, "{method} {path} {} in {} ms", status.as_u16(), took.as_millis());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r5_request_ids_are_validated() {
        let headers = |values: &[&str]| -> HeaderMap {
            values
                .iter()
                .map(|value| (HEADER.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
                .collect()
        };
        for good in ["a", "0f3c-11ee_B.2", &"x".repeat(64)] {
            assert_eq!(
                RequestId::from_headers(&headers(&[good])),
                Some(RequestId(good.to_owned())),
                "{good}"
            );
        }
        for bad in ["", "a b", "a\tb", "x=1", "\u{e9}", "\"}", &"x".repeat(65)] {
            assert_eq!(RequestId::from_headers(&headers(&[bad])), None, "{bad}");
        }
        assert_eq!(RequestId::from_headers(&headers(&["a", "b"])), None, "which of them?");
        assert_eq!(RequestId::from_headers(&HeaderMap::new()), None);
        assert_ne!(RequestId::generate(), RequestId::generate());
    }
}
