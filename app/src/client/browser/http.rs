//! Asking the server without a socket: its functions under `/rpc`, by plain `fetch`.

use super::sleep::{first, sleep};
use crate::server_fns::Refused;
use js_sys::{Object, Reflect};
use leptos::prelude::window;
use protocol::{ApiError, ClientFrame, PollRequest, ServerFrame, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response};

/// Lets go of the request when nobody waits for it any more.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A request: the text of its answer. Let go of, it ends.
pub(super) type Asked = Pin<Box<dyn Future<Output = Result<String, Refused>>>>;

/// What a poll is answered with, for this tab and the others.
pub(super) fn poll(me: UserId, request: &PollRequest) -> Asked {
    Box::pin(post("/rpc/poll", body(me, "request", request)))
}

/// What frames are answered with.
pub(super) fn said(me: UserId, frames: &Vec<ClientFrame>) -> Asked {
    Box::pin(post("/rpc/submit", body(me, "frames", frames)))
}

/// Frames that go without a socket, and the frames that answer them.
pub(super) async fn submit(me: UserId, frames: Vec<ClientFrame>) -> Result<Vec<ServerFrame>, Refused> {
    understood(&said(me, &frames).await?)
}

/// What an answer says; an answer that says nothing is not the server's.
pub(super) fn understood<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    serde_json::from_str(text).map_err(|_| Refused::unreached())
}

/// Says as whom: nothing is done by somebody who signed in meanwhile.
fn body(me: UserId, name: &str, argument: &impl Serialize) -> String {
    let argument = serde_json::to_string(argument).unwrap_or_default();
    format!(r#"{{"me":{me},"{name}":{argument}}}"#)
}

/// The text of a page of ours.
pub(super) async fn page(path: &str) -> Result<String, JsValue> {
    fetch(path, None).await.map(|(_, text)| text)
}

/// What the browser keeps open for its next request may have died unnoticed, and whoever asks is given one after the
/// other of that. As many requests as it keeps connections take them all; each that is let go of closes its own.
pub(super) fn renew_connections() {
    for _ in 0..5 {
        leptos::task::spawn_local(async {
            first(page("/healthz"), sleep(300)).await;
        });
    }
}

async fn post(path: &str, body: String) -> Result<String, Refused> {
    let (ok, text) = fetch(path, Some(body)).await.map_err(|_| Refused::unreached())?;
    if ok {
        return Ok(text);
    }
    Err(understood::<ApiError>(&text).map_or_else(|refused| refused, |said| said.error.into()))
}

/// Whether the status was one of success, and the body.
async fn fetch(path: &str, body: Option<String>) -> Result<(bool, String), JsValue> {
    let abort = Abort(AbortController::new()?);
    let request = RequestInit::new();
    request.set_signal(Some(&abort.0.signal()));
    if let Some(body) = body {
        let headers = Object::new();
        Reflect::set(&headers, &"content-type".into(), &"application/json".into())?;
        request.set_method("POST");
        request.set_headers(&headers);
        request.set_body(&body.into());
    }
    let answer = window().fetch_with_str_and_init(path, &request);
    let answer: Response = JsFuture::from(answer).await?.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?;
    Ok((answer.ok(), text.as_string().unwrap_or_default()))
}
