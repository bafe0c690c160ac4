//! An endpoint of webhooks.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// A request to the endpoint.
pub(crate) struct Hook {
    /// The last part of its path.
    pub(crate) name: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Instant,
}

impl Hook {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The text of its message.
    pub(crate) fn text(&self) -> String {
        self.json()["data"]["message"]["content"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it is signed by this secret: the formula of HMAC (RFC 2104), written out.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let pad = |byte: u8| {
            let mut block = [byte; 64];
            key.iter().zip(block.iter_mut()).for_each(|(key, block)| *block ^= key);
            block
        };
        let head = format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp"));
        let inner =
            Sha256::new().chain_update(pad(0x36)).chain_update(head).chain_update(&self.body).finalize();
        let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
        self.header("webhook-signature") == format!("v1,{}", STANDARD.encode(outer))
    }
}

/// An answer of the endpoint.
#[derive(Clone, Copy)]
pub(crate) enum Reply {
    /// This status.
    Status(u16),
    /// A redirect to the path `/hook/elsewhere`.
    Redirect,
    /// 200 after a minute.
    Late,
}

struct Inner {
    hooks: mpsc::UnboundedSender<Hook>,
    /// The next answers, by name.
    once: Mutex<HashMap<String, VecDeque<Reply>>>,
    /// All further answers, by name.
    always: Mutex<HashMap<String, Reply>>,
}

/// An endpoint on a free port. It answers 200, unless it was told otherwise.
pub(crate) struct WebhookEndpoint {
    url: String,
    inner: Arc<Inner>,
    hooks: mpsc::UnboundedReceiver<Hook>,
}

async fn take(
    State(inner): State<Arc<Inner>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let next = inner.once.lock().unwrap().get_mut(&name).and_then(VecDeque::pop_front);
    let reply = next.or_else(|| inner.always.lock().unwrap().get(&name).copied());
    let _ = inner.hooks.send(Hook { name, headers, body, at: Instant::now() });
    match reply.unwrap_or(Reply::Status(200)) {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::Redirect => (StatusCode::FOUND, [(header::LOCATION, "/hook/elsewhere")]).into_response(),
        Reply::Late => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::OK.into_response()
        }
    }
}

impl WebhookEndpoint {
    pub(crate) async fn start() -> Self {
        let (sender, hooks) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner { hooks: sender, once: Mutex::default(), always: Mutex::default() });
        let routes = Router::new().route("/hook/{name}", post(take)).with_state(inner.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { url, inner, hooks }
    }

    /// The URL of this name.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("{}/hook/{name}", self.url)
    }

    /// Answers the next request to this name.
    pub(crate) fn answer_once(&self, name: &str, reply: Reply) {
        self.inner.once.lock().unwrap().entry(name.to_owned()).or_default().push_back(reply);
    }

    /// Answers all requests to this name.
    pub(crate) fn answer(&self, name: &str, reply: Reply) {
        self.inner.always.lock().unwrap().insert(name.to_owned(), reply);
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Hook {
        // Longer than the claim of a node that died.
        tokio::time::timeout(Duration::from_secs(40), self.hooks.recv()).await.expect("a request").unwrap()
    }

    /// The next request with this text; others are skipped.
    pub(crate) async fn next_with(&mut self, text: &str) -> Hook {
        loop {
            let hook = self.next().await;
            if hook.text() == text {
                return hook;
            }
        }
    }

    /// A request that has arrived.
    pub(crate) fn try_next(&mut self) -> Option<Hook> {
        self.hooks.try_recv().ok()
    }

    /// The next request to this name; others are skipped.
    pub(crate) async fn next_of(&mut self, name: &str) -> Hook {
        loop {
            let hook = self.next().await;
            if hook.name == name {
                return hook;
            }
        }
    }
}
