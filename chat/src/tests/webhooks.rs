//! Webhooks, with a transport that records.

use super::world::{World, soon, until};
use crate::account::Identity;
use crate::connection::Scope;
use crate::lock::lock;
use crate::store::{
    DeliveryState, NewSubject, Outcome, Store as _, SubjectCard, SubjectKey, SubjectWrite, WebhookStore as _,
    Write,
};
use crate::subject_kind::SubjectKind;
use crate::timings::Timings;
use crate::webhooks::{AddedWebhook, WebhookRequest, WebhookResponse, WebhookTransport, Webhooks};
use crate::{ChatService, Limits, Supervisor, SystemClock};
use async_trait::async_trait;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Endpoints that answer as the test says, else accept, and pass on what they got.
struct Recorder {
    requests: mpsc::UnboundedSender<WebhookRequest>,
    /// Statuses by URL; 0 for no answer at all.
    answers: Mutex<HashMap<String, u16>>,
}

#[async_trait]
impl WebhookTransport for Recorder {
    async fn check(&self, url: &str) -> Result<(), String> {
        if url.starts_with("https://") { Ok(()) } else { Err("must be an https URL".into()) }
    }

    async fn send(&self, request: WebhookRequest) -> WebhookResponse {
        let status = lock(&self.answers).get(&request.url).copied();
        let _ = self.requests.send(request);
        if status == Some(0) {
            // As the timeout of a client.
            tokio::time::sleep(Duration::from_millis(100)).await;
            return WebhookResponse { status: None, retry_after: None };
        }
        WebhookResponse { status: status.or(Some(200)), retry_after: None }
    }
}

fn timings() -> Timings {
    Timings {
        webhook_check_interval: Duration::from_millis(20),
        webhook_retry_after: Duration::from_millis(20),
        webhook_lease: Duration::from_millis(400),
        push_delay: Duration::from_millis(20),
        offline_after: Duration::from_millis(20),
        status_min_interval: Duration::from_millis(10),
        ..Timings::default()
    }
}

struct Node {
    world: World,
    requests: mpsc::UnboundedReceiver<WebhookRequest>,
    recorder: Arc<Recorder>,
    webhooks: Webhooks,
    anna: Identity,
    ben: Identity,
}

async fn start(chat: &ChatService, webhooks: &Webhooks, stop: &CancellationToken) {
    chat.start_webhooks(webhooks, &Supervisor::new(stop.child_token())).await.expect("starts");
}

impl Node {
    async fn new() -> Self {
        let limits = Limits { sends_per_second: 1e6, send_burst: 1_000_000, ..Limits::default() };
        let world = World::with(timings(), limits).await;
        let (sender, requests) = mpsc::unbounded_channel();
        let recorder = Arc::new(Recorder { requests: sender, answers: Mutex::default() });
        let webhooks =
            Webhooks::new(world.store.clone(), Arc::new(SystemClock), b"a secret", recorder.clone());
        start(&world.chat, &webhooks, &world.stop).await;
        let (anna, ben) = (world.person("anna").await, world.person("ben").await);
        Self { world, requests, recorder, webhooks, anna, ben }
    }

    async fn add(&self, url: &str, events: &[&str]) -> AddedWebhook {
        let events: Vec<_> = events.iter().map(|name| (*name).to_owned()).collect();
        self.webhooks.add(url, &events, None, None).await.expect("added")
    }

    async fn write(&self, write: SubjectWrite) -> Outcome {
        let written = self.world.store.commit(&[Write::Subject(write)], self.world.chat.now()).await;
        written.expect("commits").remove(0).expect("is written")
    }

    fn answer(&self, url: &str, status: Option<u16>) {
        match status {
            Some(status) => lock(&self.recorder.answers).insert(url.to_owned(), status),
            None => lock(&self.recorder.answers).remove(url),
        };
    }

    /// The next request, with its payload.
    async fn next(&mut self) -> (WebhookRequest, Value) {
        let request = soon(self.requests.recv()).await.expect("a request");
        let body = serde_json::from_slice(&request.body).expect("JSON");
        (request, body)
    }

    /// The texts of the messages of the next requests to this URL; others are skipped.
    async fn texts(&mut self, url: &str, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            let (request, body) = self.next().await;
            if request.url == url {
                texts.push(body["data"]["message"]["content"].as_str().unwrap_or_default().to_owned());
            }
        }
        texts
    }
}

const SHOP: &str = "https://shop.example/hook";
const OTHER: &str = "https://other.example/hook";

#[tokio::test]
async fn x3_events_are_delivered_in_their_order_and_signed() {
    let mut node = Node::new().await;
    let AddedWebhook { webhook, secret } = node.add(SHOP, &["message.created", "member.left"]).await;
    let talk = node.world.conversation(&[&node.anna, &node.ben], Some("Talk")).await;
    for n in 0..40 {
        node.world.send(&node.anna, talk, &n.to_string()).await;
    }
    let (first, body) = node.next().await;
    let header = |name| first.headers.iter().find(|(key, _)| *key == name).unwrap().1.clone();
    assert_eq!(
        (&body["type"], &body["data"]["message"]["content"]),
        (&"message.created".into(), &"0".into())
    );
    assert_eq!(body["data"]["conversation"]["title"], "Talk");
    let own = node.webhooks.secret_of(&webhook).unwrap();
    assert_eq!(own.text(), secret);
    let timestamp = header("webhook-timestamp").parse().unwrap();
    let signature = own.sign(&header("webhook-id"), timestamp, &first.body).unwrap();
    assert_eq!(header("webhook-signature"), signature);
    assert_eq!(node.texts(SHOP, 39).await, (1..40).map(|n| n.to_string()).collect::<Vec<_>>());
    node.world.chat.remove_member(&node.anna.person, talk, node.ben.person.id, None).await.unwrap();
    let (_, body) = node.next().await;
    assert_eq!((&body["type"], &body["data"]["user"]["username"]), (&"member.left".into(), &"ben".into()));
    assert_eq!(body["data"]["by"]["username"], "anna");
    assert!(body["data"].get("message").is_none());
}

#[tokio::test]
async fn x3_closing_and_reopening_are_told_with_the_reason_and_the_person() {
    let mut node = Node::new().await;
    let roles = ["buyer", "seller"].map(str::to_owned);
    let kind = SubjectKind::new("listing", "Listing", &roles, false, &[]).unwrap();
    node.world.chat.set_subject_kinds(vec![kind.with_closed_by(&roles[1..]).unwrap()]);
    let [buyer, seller] = roles;
    let (kind_name, title) = ("Listing".to_owned(), "A bicycle".to_owned());
    let card = SubjectCard { kind_name, title, url: None, image: None, fields: Vec::new() };
    let new = NewSubject {
        key: SubjectKey { kind: "listing".to_owned(), id: "42".to_owned() },
        has_one: false,
        card,
        participants: vec![(node.anna.person.id, buyer), (node.ben.person.id, seller)],
    };
    let opened = node.write(SubjectWrite::Open(new)).await;
    let Outcome::ConversationCreated { id, .. } = opened else { panic!("not opened: {opened:?}") };
    node.add(SHOP, &["conversation.closed", "conversation.reopened"]).await;
    let (chat, ben) = (node.world.chat.clone(), node.ben.person.clone());
    chat.close_conversation(&ben, id, "Sold", None).await.unwrap();
    // Neither what changes nothing nor what is refused is an event.
    chat.close_conversation(&ben, id, " Sold ", None).await.unwrap();
    assert!(chat.close_conversation(&node.anna.person, id, "Mine", None).await.is_err());
    chat.reopen_conversation(&ben, id, None).await.unwrap();
    node.write(SubjectWrite::Close { conversation: id, reason: "Too old".to_owned() }).await;
    node.write(SubjectWrite::Close { conversation: id, reason: "Gone".to_owned() }).await;
    node.write(SubjectWrite::Reopen { conversation: id }).await;
    for (kind, reason, by) in [
        ("conversation.closed", Some("Sold"), Some("ben")),
        ("conversation.reopened", None, Some("ben")),
        ("conversation.closed", Some("Too old"), None),
        ("conversation.closed", Some("Gone"), None),
        ("conversation.reopened", None, None),
    ] {
        let (_, body) = node.next().await;
        let data = &body["data"];
        assert_eq!((body["type"].as_str(), data["reason"].as_str()), (Some(kind), reason), "{body}");
        assert_eq!(data["by"]["username"].as_str(), by, "{body}");
        assert_eq!(data["conversation"]["subject"]["id"], "42");
        assert!(data.get("message").is_none() && data.get("user").is_none(), "{body}");
    }
}

#[tokio::test]
async fn x3_a_failed_delivery_is_repeated_with_its_id_before_later_ones() {
    let mut node = Node::new().await;
    let webhook = node.add(SHOP, &["message.created"]).await.webhook;
    node.answer(SHOP, Some(500));
    let talk = node.world.conversation(&[&node.anna, &node.ben], None).await;
    node.world.send(&node.anna, talk, "first").await;
    let (one, _) = node.next().await;
    node.world.send(&node.anna, talk, "second").await;
    let (two, body) = node.next().await;
    assert_eq!(body["data"]["message"]["content"], "first");
    assert_eq!(one.headers[1], two.headers[1], "the same id");
    node.answer(SHOP, None);
    loop {
        let (_, body) = node.next().await;
        if body["data"]["message"]["content"] == "second" {
            break;
        }
    }
    let store = node.world.store.clone();
    soon(async {
        loop {
            let all = store.webhook_deliveries(webhook.id, None, 10).await.unwrap();
            if all.iter().all(|one| one.state == DeliveryState::Delivered) {
                assert!(all[1].attempts >= 3 && all[0].attempts == 1, "{all:?}");
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    node.webhooks.resend(store.webhook_deliveries(webhook.id, None, 1).await.unwrap()[0].id).await.unwrap();
    assert_eq!(node.texts(SHOP, 1).await, ["second"]);
}

#[tokio::test]
async fn x3_a_dead_endpoint_delays_neither_sends_nor_others() {
    let mut node = Node::new().await;
    node.add(SHOP, &["message.created"]).await;
    node.add(OTHER, &["message.created"]).await;
    node.answer(SHOP, Some(0));
    let talk = node.world.conversation(&[&node.anna, &node.ben], None).await;
    let began = tokio::time::Instant::now();
    for n in 0..50 {
        node.world.send(&node.anna, talk, &n.to_string()).await;
    }
    let sent = began.elapsed();
    assert_eq!(node.texts(OTHER, 50).await, (0..50).map(|n| n.to_string()).collect::<Vec<_>>());
    // A request to the dead endpoint takes 100 ms each.
    assert!(sent < Duration::from_secs(5), "{sent:?}");
}

#[tokio::test]
async fn x3_people_who_are_away_are_told_of_and_others_not() {
    let mut node = Node::new().await;
    node.add(SHOP, &["message.unread"]).await;
    let carla = node.world.person("carla").await;
    let talk = node.world.conversation(&[&node.anna, &node.ben, &carla], Some("Talk")).await;
    let _online = node.world.connect(&node.ben, Scope::All).await;
    node.world.send(&node.anna, talk, "hello").await;
    let (_, body) = node.next().await;
    assert_eq!(body["data"]["message"]["content"], "hello");
    let recipients = body["data"]["recipients"].as_array().unwrap();
    let names: Vec<_> = recipients.iter().map(|one| &one["user"]["username"]).collect();
    assert_eq!((names, &recipients[0]["unread"]), (vec![&Value::from("carla")], &1.into()));
    // Nobody is away: the next event is of another conversation.
    let _also = node.world.connect(&carla, Scope::All).await;
    node.world.send(&node.anna, talk, "to all who are here").await;
    let dora = node.world.person("dora").await;
    let other = node.world.conversation(&[&node.anna, &dora], None).await;
    node.world.send(&node.anna, other, "to somebody else").await;
    assert_eq!(node.texts(SHOP, 1).await, ["to somebody else"]);
}

#[tokio::test]
async fn x3_a_crash_between_commit_and_delivery_loses_nothing() {
    let mut node = Node::new().await;
    node.add(SHOP, &["message.created"]).await;
    // The node dies while the endpoint does not answer.
    node.answer(SHOP, Some(0));
    let talk = node.world.conversation(&[&node.anna, &node.ben], None).await;
    node.world.send(&node.anna, talk, "right before the crash").await;
    node.next().await;
    node.world.stop.cancel();
    node.answer(SHOP, None);
    let stop = CancellationToken::new();
    let bus = Arc::new(crate::bus::Local::new());
    let chat = node.world.beside(bus, timings(), &stop).await;
    start(&chat, &node.webhooks, &stop).await;
    assert_eq!(node.texts(SHOP, 1).await, ["right before the crash"]);
    stop.cancel();
}

#[tokio::test]
async fn x3_events_are_stored_while_there_is_an_endpoint() {
    let node = Node::new().await;
    let switch = node.world.store.webhook_switch();
    assert!(switch.wanted().is_empty());
    let webhook = node.add(SHOP, &["member.joined"]).await.webhook;
    assert!(!switch.wanted().is_empty(), "at once");
    node.webhooks.remove(webhook.id).await.unwrap();
    until(|| switch.wanted().is_empty()).await;
    assert!(node.webhooks.remove(webhook.id).await.is_err());
    assert!(node.webhooks.deliveries(webhook.id, None, 10).await.is_err());
    assert!(node.webhooks.resend(1).await.is_err());
}

#[tokio::test]
async fn x3_endpoints_that_break_a_rule_are_refused() {
    let node = Node::new().await;
    let add = async |url: &str, event: &str, kind: Option<&str>| {
        let refused = node.webhooks.add(url, &[event.to_owned()], kind, None).await.err();
        refused.map(|error| error.into_body().message).unwrap_or_default()
    };
    let long = format!("https://shop.example/{}", "x".repeat(2_048));
    for (url, event, kind, field) in [
        ("http://shop.example/", "message.created", None, "url"),
        (long.as_str(), "message.created", None, "url"),
        ("https://shop.example/ü", "message.created", None, "url"),
        (SHOP, "message.exploded", None, "events"),
        (SHOP, "message.created", Some(""), "subject_kind"),
        (SHOP, "message.created", Some("a/b"), "subject_kind"),
    ] {
        assert!(add(url, event, kind).await.starts_with(&format!("{field}: ")), "{url} {event} {kind:?}");
    }
    assert!(node.webhooks.add(SHOP, &[], None, None).await.is_err());
    assert_eq!(node.webhooks.list().await.unwrap(), []);
}
