//! Web push, with a transport that records.

use super::world::{World, soon};
use crate::account::Identity;
use crate::connection::Scope;
use crate::lock::lock;
use crate::push::{PushGateway, PushNotice, PushRequest, PushResponse, PushText, PushTransport, PushWords};
use crate::store::PushStore as _;
use crate::timings::Timings;
use crate::{BrowserSubscription, ChatService, Limits, Supervisor};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::elliptic_curve::rand_core::OsRng;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use protocol::Preferences;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A push service that answers as the test says, else accepts, and passes on what it got.
struct Recorder {
    pushes: mpsc::UnboundedSender<PushRequest>,
    answers: Mutex<VecDeque<PushResponse>>,
}

#[async_trait]
impl PushTransport for Recorder {
    async fn check(&self, endpoint: &str) -> Result<(), String> {
        if endpoint.starts_with("https://") { Ok(()) } else { Err("must be an https URL".into()) }
    }

    async fn send(&self, request: PushRequest) -> PushResponse {
        let _ = self.pushes.send(request);
        lock(&self.answers).pop_front().unwrap_or(PushResponse::Accepted)
    }
}

pub(super) struct Words;

impl PushWords for Words {
    fn text(&self, notice: &PushNotice, _: &Preferences, page_language: &str) -> PushText {
        let (title, body) = notice.content.clone().unwrap_or_default();
        let direction = if page_language == "ar" { "rtl" } else { "ltr" };
        PushText { title, body, language: "en", direction }
    }
}

/// A browser.
pub(super) struct Phone {
    key: SecretKey,
    pub(super) endpoint: String,
}

impl Phone {
    pub(super) fn new(name: &str) -> Self {
        Self { key: SecretKey::random(&mut OsRng), endpoint: format!("https://push.example/{name}") }
    }

    pub(super) fn subscription(&self) -> BrowserSubscription {
        let point = self.key.public_key().to_encoded_point(false);
        BrowserSubscription {
            endpoint: self.endpoint.clone(),
            p256dh: URL_SAFE_NO_PAD.encode(point.as_bytes()),
            auth: URL_SAFE_NO_PAD.encode([9; 16]),
        }
    }

    pub(super) fn open(&self, push: &PushRequest) -> Value {
        assert_eq!(push.endpoint, self.endpoint);
        let opened = web_push_native::decrypt(push.body.clone(), &self.key, &[9; 16].into());
        serde_json::from_slice(&opened.expect("is for this browser")).expect("JSON")
    }
}

/// A node with web push, and two people.
struct Node {
    world: World,
    pushes: mpsc::UnboundedReceiver<PushRequest>,
    recorder: Arc<Recorder>,
    anna: Identity,
    ben: Identity,
    /// The number of people who were pushed to meanwhile.
    others: usize,
}

fn timings() -> Timings {
    Timings {
        push_delay: Duration::from_millis(50),
        push_retry_after: Duration::from_millis(20),
        push_progress_interval: Duration::from_millis(10),
        offline_after: Duration::from_millis(10),
        status_min_interval: Duration::from_millis(10),
        ..Timings::default()
    }
}

async fn start(
    chat: &ChatService,
    stop: &CancellationToken,
) -> (Arc<Recorder>, mpsc::UnboundedReceiver<PushRequest>) {
    let (sender, pushes) = mpsc::unbounded_channel();
    let recorder = Arc::new(Recorder { pushes: sender, answers: Mutex::default() });
    let gateway = PushGateway { transport: recorder.clone(), words: Arc::new(Words), contact: None };
    chat.start_push(gateway, &Supervisor::new(stop.child_token())).await.expect("starts");
    (recorder, pushes)
}

impl Node {
    async fn new() -> Self {
        let limits = Limits { sends_per_second: 1e6, send_burst: 1_000_000, ..Limits::default() };
        let world = World::with(timings(), limits).await;
        let (recorder, pushes) = start(&world.chat, &world.stop).await;
        let (anna, ben) = (world.person("anna").await, world.person("ben").await);
        Self { world, pushes, recorder, anna, ben, others: 0 }
    }

    async fn subscribe(&self, who: &Identity, phone: &Phone) {
        let is_new = self.world.chat.subscribe_push(who, &phone.subscription(), "en").await.expect("is good");
        assert!(is_new);
    }

    /// A phone of Ben, and his conversation with Anna.
    async fn with_phone(&self) -> (Phone, protocol::ConversationId) {
        let phone = Phone::new("ben");
        self.subscribe(&self.ben, &phone).await;
        (phone, self.world.conversation(&[&self.anna, &self.ben], None).await)
    }

    async fn push(&mut self) -> PushRequest {
        soon(self.pushes.recv()).await.expect("the node is there")
    }

    /// Checks that nothing was pushed before this: another person is pushed to by then.
    async fn nothing_until_next(&mut self) {
        self.others += 1;
        let name = format!("other{}", self.others);
        let (other, phone) = (self.world.person(&name).await, Phone::new(&name));
        self.subscribe(&other, &phone).await;
        let talk = self.world.conversation(&[&self.anna, &other], None).await;
        self.world.send(&self.anna, talk, "to another").await;
        assert_eq!(self.push().await.endpoint, phone.endpoint);
    }
}

fn header<'a>(push: &'a PushRequest, name: &str) -> &'a str {
    &push.headers.iter().find(|(known, _)| *known == name).expect("the header").1
}

#[tokio::test]
async fn n1_a_message_to_somebody_who_is_away_is_pushed_without_its_text() {
    let mut node = Node::new().await;
    let (phone, talk) = node.with_phone().await;
    tokio::join!(node.world.send(&node.anna, talk, "a secret"), node.world.send(&node.anna, talk, "another"));
    let push = node.push().await;
    let payload = phone.open(&push);
    let (id, none) = (talk.0, "");
    assert_eq!(
        payload,
        json!({
            "kind": "direct", "conversation_id": id, "count": 2, "path": format!("/c/{id}"),
            "tag": format!("rapport.{id}"), "title": none, "body": none, "lang": "en", "dir": "ltr",
        })
    );
    assert!(header(&push, "authorization").starts_with("vapid t="));
    assert_eq!((header(&push, "ttl"), header(&push, "urgency")), ("86400", "high"));
    assert_eq!((header(&push, "content-encoding"), header(&push, "topic").len()), ("aes128gcm", 32));
    // Both of them were in one push.
    node.nothing_until_next().await;
    // A further one is pushed, too.
    node.world.send(&node.anna, talk, "the third").await;
    let next = node.push().await;
    assert_eq!(phone.open(&next)["count"], 3);
    assert_eq!(header(&next, "topic"), header(&push, "topic"));
}

#[tokio::test]
async fn n1_nothing_is_pushed_that_is_read_or_ones_own() {
    let mut node = Node::new().await;
    let (_phone, talk) = node.with_phone().await;
    node.world.send(&node.ben, talk, "my own").await;
    node.world.send(&node.anna, talk, "read at once").await;
    node.world.chat.mark_read(&node.ben.person, talk, None).await.expect("marks");
    node.nothing_until_next().await;
}

#[tokio::test]
async fn n1_nothing_is_pushed_to_somebody_who_is_online_but_to_somebody_who_just_left() {
    let mut node = Node::new().await;
    let (phone, talk) = node.with_phone().await;
    let client = node.world.connect(&node.ben, Scope::All).await;
    node.world.send(&node.anna, talk, "seen").await;
    // Ben is looked at twice, then his progress passes the message.
    let sent_at = node.world.chat.now();
    let subscription =
        async || node.world.store.push_subscriptions(node.ben.person.id, sent_at).await.expect("reads");
    soon(async {
        while subscription().await[0].pushed_at <= sent_at {
            node.world.send(&node.anna, talk, "seen, too").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert!(node.pushes.try_recv().is_err());
    node.world.chat.mark_read(&node.ben.person, talk, None).await.expect("marks");
    // Presence announces the departure after the first look.
    node.world.send(&node.anna, talk, "the last").await;
    client.hang_up().await;
    let payload = phone.open(&node.push().await);
    assert_eq!(payload["conversation_id"], talk.0);
    node.nothing_until_next().await;
}

#[tokio::test]
async fn n1_a_damaged_subscription_does_not_concern_the_other_browsers() {
    let mut node = Node::new().await;
    let damaged = Phone::new("damaged");
    node.subscribe(&node.ben, &damaged).await;
    let (phone, talk) = node.with_phone().await;
    let mut writing = node.world.write_lock().await;
    sqlx::query("UPDATE push_subscription SET p256dh = zeroblob(65) WHERE endpoint = ?1; COMMIT")
        .bind(&damaged.endpoint)
        .execute(&mut writing)
        .await
        .expect("writes");
    node.world.send(&node.anna, talk, "hello").await;
    assert_eq!(phone.open(&node.push().await)["conversation_id"], talk.0);
    // Only what came since is pushed at the next look.
    let cleo = node.world.person("cleo").await;
    let second = node.world.conversation(&[&cleo, &node.ben], None).await;
    node.world.send(&cleo, second, "hello, too").await;
    let mut told = Vec::new();
    while told.last() != Some(&json!(second.0)) {
        told.push(phone.open(&node.push().await)["conversation_id"].clone());
    }
    assert_eq!(told, [json!(second.0)]);
    node.nothing_until_next().await;
}

#[tokio::test]
async fn n1_a_dead_subscription_is_dropped_and_a_refused_one_after_three_times() {
    let mut node = Node::new().await;
    let (phone, talk) = node.with_phone().await;
    let count = async |node: &Node| {
        node.world
            .store
            .push_subscriptions(node.ben.person.id, node.world.chat.now())
            .await
            .expect("reads")
            .len()
    };
    let left = async |node: &Node, expected| {
        soon(async {
            while count(node).await != expected {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    };
    lock(&node.recorder.answers).push_back(PushResponse::Gone);
    node.world.send(&node.anna, talk, "to nobody").await;
    node.push().await;
    left(&node, 0).await;
    node.subscribe(&node.ben, &phone).await;
    for n in 1..=3 {
        assert_eq!(count(&node).await, 1);
        lock(&node.recorder.answers).push_back(PushResponse::Refused);
        node.world.send(&node.anna, talk, &format!("refused {n}")).await;
        node.push().await;
    }
    left(&node, 0).await;
}

#[tokio::test]
async fn n1_a_push_is_repeated_until_it_is_read_or_was_tried_five_times() {
    let mut node = Node::new().await;
    let (_phone, talk) = node.with_phone().await;
    lock(&node.recorder.answers).extend([PushResponse::Later(None), PushResponse::Later(None)]);
    node.world.send(&node.anna, talk, "in the end").await;
    for _ in 0..3 {
        node.push().await;
    }
    node.nothing_until_next().await;
    // Five times at most.
    lock(&node.recorder.answers).extend(vec![PushResponse::Later(Some(Duration::ZERO)); 5]);
    node.world.send(&node.anna, talk, "never").await;
    for _ in 0..5 {
        node.push().await;
    }
    assert!(lock(&node.recorder.answers).is_empty());
    // What was read meanwhile is not repeated.
    lock(&node.recorder.answers).push_back(PushResponse::Later(Some(Duration::from_millis(100))));
    node.world.send(&node.anna, talk, "read before the second try").await;
    node.push().await;
    node.world.chat.mark_read(&node.ben.person, talk, None).await.expect("marks");
    // The second try is due before the push to another person.
    node.nothing_until_next().await;
}

#[tokio::test]
async fn n1_what_a_node_did_not_push_is_pushed_after_its_restart() {
    let mut node = Node::new().await;
    let (phone, talk) = node.with_phone().await;
    // This node has looked at everybody, as each does once at its start.
    node.nothing_until_next().await;
    // As a crash between the commit and the push: this node takes hints, and has no task.
    let other = node.world.another(timings(), Limits::default()).await;
    other.send(&node.anna.person, talk, "before the crash", None, None).await.expect("sends");
    assert!(node.pushes.try_recv().is_err());
    let restarted = node.world.another(timings(), Limits::default()).await;
    let (_recorder, mut pushes) = start(&restarted, &node.world.stop).await;
    let push = soon(pushes.recv()).await.expect("the node is there");
    assert_eq!(phone.open(&push)["conversation_id"], talk.0);
    node.nothing_until_next().await;
}

#[tokio::test]
async fn n1_a_sign_out_ends_pushes_and_another_browser_goes_on() {
    let mut node = Node::new().await;
    let (phone, talk) = node.with_phone().await;
    let second = node.world.sign_in("ben").await;
    let tablet = Phone::new("tablet");
    node.subscribe(&second, &tablet).await;
    node.world.send(&node.anna, talk, "to both").await;
    let mut endpoints = [node.push().await.endpoint, node.push().await.endpoint];
    endpoints.sort_unstable();
    assert_eq!(endpoints, [phone.endpoint.clone(), tablet.endpoint.clone()]);
    node.world.chat.accounts().sign_out(&node.ben).await.expect("signs out");
    node.world.send(&node.anna, talk, "to one").await;
    assert_eq!(node.push().await.endpoint, tablet.endpoint);
    node.nothing_until_next().await;
    let refused = node.world.chat.subscribe_push(&node.ben, &phone.subscription(), "en").await;
    assert!(
        matches!(refused, Err(crate::Error::Refused(body)) if body.code == protocol::ErrorCode::NotAuthenticated)
    );
}

#[tokio::test]
async fn n1_a_subscription_that_breaks_a_rule_is_refused_with_the_name_of_the_field() {
    let node = Node::new().await;
    let good = Phone::new("good").subscription();
    let zeros = |length: usize| URL_SAFE_NO_PAD.encode(vec![0; length]);
    let compressed = Phone::new("x").key.public_key().to_encoded_point(true);
    let long = format!("https://push.example/{}", "x".repeat(2_048));
    let bad_point = URL_SAFE_NO_PAD.encode([4; 65]);
    for (endpoint, p256dh, auth, field) in [
        (long.as_str(), None, None, "endpoint: at most"),
        ("https://push.example/\u{e9}", None, None, "endpoint: not a URL"),
        ("https://push.example/\0", None, None, "endpoint: not a URL"),
        ("http://push.example/", None, None, "endpoint: must be an https URL"),
        ("", None, None, "endpoint: must be an https URL"),
        (&good.endpoint, Some(zeros(64)), None, "keys.p256dh: must be"),
        (&good.endpoint, Some(zeros(65)), None, "keys.p256dh: not a point"),
        (&good.endpoint, Some(bad_point), None, "keys.p256dh: not a point"),
        (&good.endpoint, Some(URL_SAFE_NO_PAD.encode(compressed.as_bytes())), None, "keys.p256dh: must be"),
        (&good.endpoint, Some("!".into()), None, "keys.p256dh: must be"),
        (&good.endpoint, Some("A".repeat(100_000)), None, "keys.p256dh: must be"),
        (&good.endpoint, None, Some(zeros(15)), "keys.auth: must be"),
        (&good.endpoint, None, Some(zeros(17)), "keys.auth: must be"),
        (&good.endpoint, None, Some(String::new()), "keys.auth: must be"),
    ] {
        let subscription = BrowserSubscription {
            endpoint: endpoint.to_owned(),
            p256dh: p256dh.unwrap_or(good.p256dh.clone()),
            auth: auth.unwrap_or(good.auth.clone()),
        };
        match node.world.chat.subscribe_push(&node.ben, &subscription, "en").await {
            Err(crate::Error::Refused(body)) => {
                assert_eq!(body.code, protocol::ErrorCode::Invalid);
                assert!(body.message.starts_with(field), "{}", body.message);
            }
            other => panic!("{field}: {other:?}"),
        }
    }
    let all = node.world.store.push_subscriptions(node.ben.person.id, node.world.chat.now()).await;
    assert_eq!(all.expect("reads"), []);
    // Padding is allowed.
    let padded = BrowserSubscription { auth: format!("{}==", good.auth), ..good };
    assert!(node.world.chat.subscribe_push(&node.ben, &padded, "en").await.expect("is good"));
}
