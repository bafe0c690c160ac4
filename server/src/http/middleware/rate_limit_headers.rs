//! The headers `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10) of API responses.

use crate::auth::Authenticated;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use chat::rate_limit::{Quota, QuotaState};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// The quotas of a user, with their names on the wire.
const QUOTAS: [(&str, Quota); 2] = [("operations", Quota::Operations), ("sends", Quota::Sends)];

/// Adds the limits of the user whom the handler authenticated, as they are after the request.
pub(crate) async fn add(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let authenticated = Authenticated::default();
    request.extensions_mut().insert(authenticated.clone());
    let mut response = next.run(request).await;
    let Some(user) = authenticated.get() else { return response };
    let limiter = state.chat.rate_limiter();
    let states = QUOTAS.map(|(name, quota)| (name, limiter.state(quota, user.0)));
    for (header, value) in [(POLICY, states.map(policy).join(", ")), (STATE, states.map(left).join(", "))] {
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
