//! Renewal of the browser's kept HTTP connections.

use super::timeout::{race, sleep};
use gloo_net::http::Request;
use leptos::task::spawn_local;
use web_sys::AbortController;

/// Connections that a browser keeps to one server (HTTP/1.1: six, one of which is in use).
const KEPT: usize = 5;
/// A kept connection that gives no answer within this time is dead, in milliseconds.
const ANSWER_MS: u32 = 300;

/// Takes all kept connections at once, each by a request that is aborted when there is no answer: a connection that died
/// unnoticed is closed that way, and no later request waits on it.
pub(super) fn renew_connections() {
    for _ in 0..KEPT {
        spawn_local(async {
            let Ok(abort) = AbortController::new() else { return };
            let request = Request::get("/healthz").abort_signal(Some(&abort.signal()));
            if race(request.send(), sleep(ANSWER_MS)).await.is_none() {
                abort.abort();
            }
        });
    }
}
