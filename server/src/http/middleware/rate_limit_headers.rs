//! The headers `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10) of API responses.

use crate::auth::{Authenticated, Caller};
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use chat::rate_limit::{Quota, QuotaState};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// The quotas of a user, with their names on the wire.
const OF_USERS: [(&str, Quota); 2] = [("operations", Quota::Operations), ("sends", Quota::Sends)];
/// The quotas of a service key, with their names on the wire.
const OF_KEYS: [(&str, Quota); 1] = [("requests", Quota::KeyRequests)];

/// Adds the limits of the person or service key whom the handler authenticated, as they are after the request.
pub(crate) async fn add(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let authenticated = Authenticated::default();
    request.extensions_mut().insert(authenticated.clone());
    let mut response = next.run(request).await;
    let (quotas, key): (&[_], i64) = match authenticated.get() {
        Some(Caller::User(user)) => (&OF_USERS, user.0),
        Some(Caller::Key(key)) => (&OF_KEYS, key),
        None => return response,
    };
    let limiter = state.chat.rate_limiter();
    let all = |part: fn((&str, QuotaState)) -> String| {
        let parts: Vec<_> =
            quotas.iter().map(|(name, quota)| part((name, limiter.state(*quota, key)))).collect();
        parts.join(", ")
    };
    for (header, value) in [(POLICY, all(policy)), (STATE, all(left))] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(header, value);
        }
    }
    response
}

/// The size of a bucket in tokens, and the time in which it is filled in whole seconds.
fn policy((name, QuotaState { burst, window, .. }): (&str, QuotaState)) -> String {
    format!("\"{name}\";q={};w={}", burst.floor(), window.ceil())
}

/// The tokens that are left, and the time until the bucket is full in whole seconds.
fn left((name, QuotaState { left, full_in, .. }): (&str, QuotaState)) -> String {
    format!("\"{name}\";r={};t={}", left.floor(), full_in.ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_limits_are_whole_numbers() {
        let state = QuotaState { burst: 20.0, window: 4.0, left: 18.7, full_in: 0.26 };
        assert_eq!(policy(("sends", state)), r#""sends";q=20;w=4"#);
        assert_eq!(left(("sends", state)), r#""sends";r=18;t=1"#);
    }
}
