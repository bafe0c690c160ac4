//! Asking the server without a socket: its functions under `/rpc`, by plain `fetch`.

use crate::rpc::Refused;
use js_sys::{Object, Reflect};
use leptos::prelude::window;
use protocol::wire::{self, Out, Read, Write};
use protocol::{ApiError, ClientFrame, PollRequest, ServerFrame, UserId};
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

/// The text of what a poll is answered with, for this tab and the others.
pub(super) async fn poll(me: UserId, request: &PollRequest) -> Result<String, Refused> {
    post("/rpc/poll", body(me, "request", request)).await
}

/// Frames that go without a socket, and the frames that answer them.
pub(super) async fn submit(me: UserId, frames: Vec<ClientFrame>) -> Result<Vec<ServerFrame>, Refused> {
    understood(&post("/rpc/submit", body(me, "frames", &frames)).await?)
}

/// What an answer says; an answer that says nothing is not the server's.
pub(super) fn understood<T: Read>(text: &str) -> Result<T, Refused> {
    wire::read(text).ok_or_else(Refused::unreached)
}

/// Says as whom: nothing is done by somebody who signed in meanwhile.
fn body(me: UserId, name: &str, argument: &dyn Write) -> String {
    let mut out = Out::default();
    out.map(|out| {
        out.field("me", &me.0);
        out.field(name, argument);
    });
    out.into_text()
}

/// The text of a page of ours.
pub(super) async fn page(path: &str) -> Result<String, JsValue> {
    text(window().fetch_with_str(path)).await.map(|(_, text)| text)
}

async fn post(path: &str, body: String) -> Result<String, Refused> {
    let (ok, text) = fetch(path, body).await.map_err(|_| Refused::unreached())?;
    if ok {
        return Ok(text);
    }
    Err(understood::<ApiError>(&text).map_or_else(|refused| refused, |said| said.error.into()))
}

/// Whether the status was one of success, and the body.
async fn fetch(path: &str, body: String) -> Result<(bool, String), JsValue> {
    let abort = Abort(AbortController::new()?);
    let headers = Object::new();
    Reflect::set(&headers, &"content-type".into(), &"application/json".into())?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&body.into());
    request.set_signal(Some(&abort.0.signal()));
    text(window().fetch_with_str_and_init(path, &request)).await
}

async fn text(answer: js_sys::Promise) -> Result<(bool, String), JsValue> {
    let answer: Response = JsFuture::from(answer).await?.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?;
    Ok((answer.ok(), text.as_string().unwrap_or_default()))
}
