//! Web push by several nodes over one database: each notice arrives once, also if a node dies.

use super::push::{Phone, Words};
use super::world::soon;
use crate::account::Identity;
use crate::bus::Local;
use crate::push::{PushGateway, PushRequest, PushResponse, PushTransport};
use crate::store::{AccountKind, NewAccount, Postgres, Sqlite, Store};
use crate::timings::Timings;
use crate::{ChatService, Clock, Limits, ManualClock, Supervisor, SystemClock};
use async_trait::async_trait;
use protocol::{AddableBy, ConversationId};
use std::collections::BTreeSet;
use std::future::pending;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

static SERVER: LazyLock<test_servers::Postgres> =
    LazyLock::new(|| test_servers::Postgres::start().expect("Postgres"));

const SECOND: i64 = 1_000_000;

/// A push service.
struct Service {
    pushes: mpsc::UnboundedSender<PushRequest>,
    /// Whether it answers.
    answers: bool,
}

#[async_trait]
impl PushTransport for Service {
    async fn check(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    async fn send(&self, request: PushRequest) -> PushResponse {
        let _ = self.pushes.send(request);
        if !self.answers {
            pending::<()>().await;
        }
        // The latency of a service, in which other nodes look at the same person.
        tokio::time::sleep(Duration::from_millis(30)).await;
        PushResponse::Accepted
    }
}

/// Nodes over one database, whose push services pass on what they get to one receiver.
struct Nodes {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    sender: mpsc::UnboundedSender<PushRequest>,
    pushes: mpsc::UnboundedReceiver<PushRequest>,
}

impl Nodes {
    fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let (sender, pushes) = mpsc::unbounded_channel();
        Self { store, clock, sender, pushes }
    }

    /// Starts a node without web push.
    async fn silent(&self, stop: &CancellationToken) -> ChatService {
        let timings = Timings {
            // Longer than a commit on a busy machine.
            push_delay: Duration::from_secs(1),
            push_progress_interval: Duration::from_millis(10),
            push_sweep_interval: Duration::from_millis(50),
            ..Timings::default()
        };
        let limits = Limits { sends_per_second: 1e6, send_burst: 1_000_000, ..Limits::default() };
        let (store, bus, clock) = (self.store.clone(), Arc::new(Local::new()), self.clock.clone());
        let supervisor = Supervisor::new(stop.child_token());
        ChatService::start_at(timings, store, bus, clock, limits, &[7; 32], &supervisor)
            .await
            .expect("starts")
    }

    /// Starts a node whose push service answers or not.
    async fn node(&self, answers: bool, stop: &CancellationToken) -> ChatService {
        let chat = self.silent(stop).await;
        let transport = Arc::new(Service { pushes: self.sender.clone(), answers });
        let gateway = PushGateway { transport, words: Arc::new(Words), contact: None };
        chat.start_push(gateway, &Supervisor::new(stop.child_token())).await.expect("starts");
        chat
    }

    /// Creates an account and signs in.
    async fn person(&self, chat: &ChatService, name: &str) -> Identity {
        let account = NewAccount {
            username: name.to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            password_hash: "none".to_owned(),
            kind: AccountKind::Person,
            addable_by: AddableBy::Everyone,
            request_hash: None,
        };
        let account = self.store.create_account(account, self.clock.now()).await.expect("registers");
        let pair = chat.accounts().issue(&account, "a test").await.expect("tokens");
        chat.accounts().by_token(&pair.access).await.expect("is good")
    }

    /// A person with a browser that receives pushes.
    async fn with_phone(&self, chat: &ChatService, name: &str) -> (Identity, Phone) {
        let (who, phone) = (self.person(chat, name).await, Phone::new(name));
        chat.subscribe_push(&who, &phone.subscription(), "en").await.expect("is good");
        (who, phone)
    }

    async fn push(&mut self) -> PushRequest {
        soon(self.pushes.recv()).await.expect("the nodes are there")
    }

    /// Pushes to another person by this node, and checks that nothing was pushed before.
    async fn nothing_until_next(&mut self, chat: &ChatService, name: &str, wait: impl Fn()) {
        let sender = self.person(chat, &format!("{name}-sender")).await;
        let (other, phone) = self.with_phone(chat, name).await;
        let talk = open(chat, &sender, &other).await;
        wait();
        send(chat, &sender, talk).await;
        wait();
        assert_eq!(self.push().await.endpoint, phone.endpoint);
    }
}

async fn open(chat: &ChatService, one: &Identity, other: &Identity) -> ConversationId {
    let names = [other.person.username.clone()];
    chat.open_conversation(&one.person, &names, None).await.expect("opens").0.id
}

async fn send(chat: &ChatService, who: &Identity, talk: ConversationId) {
    chat.send(&who.person, talk, "hello", None, None).await.expect("sends");
}

async fn every_notice_arrives_once(store: Arc<dyn Store>) {
    let stop = CancellationToken::new();
    let mut nodes = Nodes::new(store, Arc::new(SystemClock));
    let [one, two] = [nodes.node(true, &stop).await, nodes.node(true, &stop).await];
    let (ben, phone) = nodes.with_phone(&one, "ben").await;
    let mut senders = Vec::new();
    for n in 0..10 {
        let sender = nodes.person(&one, &format!("sender{n}")).await;
        let talk = open(&one, &sender, &ben).await;
        senders.push((sender, talk));
    }
    let mut told = BTreeSet::new();
    for round in 1..=5 {
        // Both nodes look at Ben at the same time.
        let sends = senders.iter().enumerate().map(|(n, (sender, talk))| {
            let chat = if n % 2 == 0 { &one } else { &two };
            send(chat, sender, *talk)
        });
        futures::future::join_all(sends).await;
        for _ in &senders {
            let payload = phone.open(&nodes.push().await);
            let notice = (payload["conversation_id"].as_i64(), payload["count"].as_i64());
            assert_eq!(notice.1, Some(round));
            assert!(told.insert(notice), "pushed twice: {notice:?}");
        }
    }
    assert_eq!(told.len(), 50);
    nodes.nothing_until_next(&one, "by-one", || ()).await;
    nodes.nothing_until_next(&two, "by-two", || ()).await;
    stop.cancel();
}

async fn a_claim_of_a_dead_node_runs_out(store: Arc<dyn Store>) {
    let (stop, dead) = (CancellationToken::new(), CancellationToken::new());
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let mut nodes = Nodes::new(store, clock.clone());
    // Past the delay of a push, and that of the sweep.
    let pass = || clock.advance(2 * SECOND);
    let dying = nodes.node(false, &dead).await;
    let (ben, phone) = nodes.with_phone(&dying, "ben").await;
    let sender = nodes.person(&dying, "sender").await;
    let talk = open(&dying, &sender, &ben).await;
    pass();
    send(&dying, &sender, talk).await;
    pass();
    assert_eq!(nodes.push().await.endpoint, phone.endpoint);
    dead.cancel();
    let living = nodes.node(true, &stop).await;
    nodes.nothing_until_next(&living, "other", pass).await;
    clock.advance(i64::try_from(Timings::default().push_lease.as_micros()).expect("fits"));
    assert_eq!(phone.open(&nodes.push().await)["conversation_id"], talk.0);
    nodes.nothing_until_next(&living, "another", pass).await;
    stop.cancel();
}

async fn another_node_pushes_what_a_dead_one_committed(store: Arc<dyn Store>) {
    let (stop, dead) = (CancellationToken::new(), CancellationToken::new());
    let mut nodes = Nodes::new(store, Arc::new(SystemClock));
    let living = nodes.node(true, &stop).await;
    let (ben, phone) = nodes.with_phone(&living, "ben").await;
    // The living node has looked at everybody, as each does once at its start.
    nodes.nothing_until_next(&living, "first", || ()).await;
    let dying = nodes.silent(&dead).await;
    let sender = nodes.person(&dying, "sender").await;
    let talk = open(&dying, &sender, &ben).await;
    send(&dying, &sender, talk).await;
    dead.cancel();
    assert_eq!(phone.open(&nodes.push().await)["conversation_id"], talk.0);
    nodes.nothing_until_next(&living, "second", || ()).await;
    stop.cancel();
}

async fn sqlite() -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Sqlite::open(folder.path().join("rapport.db")).await.expect("a database");
    (Arc::new(store), folder)
}

async fn postgres() -> Arc<dyn Store> {
    let url = SERVER.database().expect("a database");
    Arc::new(Postgres::open_url(&url).await.expect("opens"))
}

#[tokio::test]
async fn n1_two_nodes_push_every_notice_once() {
    let (store, _folder) = sqlite().await;
    every_notice_arrives_once(store).await;
}

#[tokio::test]
async fn n1_two_nodes_push_every_notice_once_on_postgres() {
    every_notice_arrives_once(postgres().await).await;
}

#[tokio::test]
async fn n1_the_claim_of_a_node_that_died_runs_out() {
    let (store, _folder) = sqlite().await;
    a_claim_of_a_dead_node_runs_out(store).await;
}

#[tokio::test]
async fn n1_the_claim_of_a_node_that_died_runs_out_on_postgres() {
    a_claim_of_a_dead_node_runs_out(postgres().await).await;
}

#[tokio::test]
async fn n1_a_message_of_a_node_that_died_is_pushed_by_another_one() {
    let (store, _folder) = sqlite().await;
    another_node_pushes_what_a_dead_one_committed(store).await;
}

#[tokio::test]
async fn n1_a_message_of_a_node_that_died_is_pushed_by_another_one_on_postgres() {
    another_node_pushes_what_a_dead_one_committed(postgres().await).await;
}
