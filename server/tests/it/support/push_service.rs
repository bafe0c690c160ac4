//! A push service, and browsers that subscribe to it.

use super::{PATIENCE, Person};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::elliptic_curve::rand_core::OsRng;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The secret that browsers share with the server.
const AUTH: [u8; 16] = [9; 16];

/// A request to the push service.
pub(crate) struct Push {
    pub(crate) name: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Instant,
}

impl Push {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

struct Inner {
    pushes: mpsc::UnboundedSender<Push>,
    answers: Mutex<VecDeque<(u16, Option<u32>)>>,
}

/// A push service on a free port. It answers 201, unless it was told otherwise.
pub(crate) struct PushService {
    pub(crate) url: String,
    inner: Arc<Inner>,
    pushes: mpsc::UnboundedReceiver<Push>,
}

async fn take(
    State(inner): State<Arc<Inner>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let _ = inner.pushes.send(Push { name, headers, body, at: Instant::now() });
    let (status, retry_after) = inner.answers.lock().unwrap().pop_front().unwrap_or((201, None));
    let wait = retry_after.map(|seconds| (header::RETRY_AFTER, seconds.to_string()));
    let mut response = StatusCode::from_u16(status).unwrap().into_response();
    if let Some((name, value)) = wait {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

impl PushService {
    pub(crate) async fn start() -> Self {
        let (sender, pushes) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner { pushes: sender, answers: Mutex::default() });
        let routes = Router::new().route("/send/{name}", post(take)).with_state(inner.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { url, inner, pushes }
    }

    /// Answers the next push with this status and `Retry-After`.
    pub(crate) fn answer_once(&self, status: u16, retry_after: Option<u32>) {
        self.inner.answers.lock().unwrap().push_back((status, retry_after));
    }

    /// The next push.
    pub(crate) async fn next(&mut self) -> Push {
        tokio::time::timeout(PATIENCE, self.pushes.recv()).await.expect("a push").unwrap()
    }
}

/// A browser with a subscription.
pub(crate) struct Phone {
    key: SecretKey,
    pub(crate) endpoint: String,
}

impl Phone {
    pub(crate) fn new(service: &PushService, name: &str) -> Self {
        Self { key: SecretKey::random(&mut OsRng), endpoint: format!("{}/send/{name}", service.url) }
    }

    /// The subscription as `PushSubscription.toJSON()` gives it.
    pub(crate) fn json(&self) -> Value {
        let point = self.key.public_key().to_encoded_point(false);
        let keys =
            json!({"p256dh": URL_SAFE_NO_PAD.encode(point.as_bytes()), "auth": URL_SAFE_NO_PAD.encode(AUTH)});
        json!({"endpoint": self.endpoint, "expirationTime": null, "keys": keys})
    }

    /// A new phone of this person, which is subscribed.
    pub(crate) async fn of(service: &PushService, who: &Person) -> Self {
        let phone = Self::new(service, &who.me.username);
        let answer = who.post("/api/me/push-subscriptions", &phone.json()).await;
        assert_eq!(answer.status(), 201);
        phone
    }

    /// Decrypts a push.
    pub(crate) fn open(&self, push: &Push) -> Value {
        assert!(self.endpoint.ends_with(&format!("/{}", push.name)), "{}", push.name);
        let opened = web_push_native::decrypt(push.body.to_vec(), &self.key, &AUTH.into());
        serde_json::from_slice(&opened.expect("is for this browser")).expect("JSON")
    }
}
