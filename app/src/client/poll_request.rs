//! The request of a long poll, by `gloo-net`: the leading tab passes the JSON of the answer on to the other tabs as it is,
//! which the stub of the server function does not give.

use crate::routing::window_base;
use crate::server_fns::{Poll, RequestError};
use gloo_net::http::Request;
use leptos::server_fn::ServerFn;
use protocol::{ApiError, ErrorBody, ErrorCode};
use web_sys::AbortController;

/// Aborts its request when it is dropped: a held request takes up one of the browser's connections.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls the server function `poll`; the JSON of its answer.
pub(super) async fn request(arguments: Poll) -> Result<String, RequestError> {
    let unreached = |_| RequestError::unreached();
    let abort = AbortOnDrop(AbortController::new().map_err(|_| RequestError::unreached())?);
    let body = serde_json::to_string(&arguments).map_err(|error| {
        leptos::logging::error!("a poll cannot be encoded: {error}");
        RequestError::from(ErrorBody::new(ErrorCode::Internal))
    })?;
    let request = Request::post(&format!("{}{}", window_base(), Poll::PATH))
        .abort_signal(Some(&abort.0.signal()))
        .header("content-type", "application/json")
        .body(body)
        .map_err(unreached)?;
    let answer = request.send().await.map_err(unreached)?;
    let text = answer.text().await.map_err(unreached)?;
    if answer.ok() {
        return Ok(text);
    }
    let refused = serde_json::from_str::<ApiError>(&text);
    Err(refused.map_or_else(|_| RequestError::unreached(), |refused| refused.error.into()))
}
