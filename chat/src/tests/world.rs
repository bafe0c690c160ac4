//! Fixture: a node with people and their clients.

use crate::account::Identity;
use crate::bus::{Bus, Local};
use crate::connection::{self, Incoming, Outgoing, PollSessions, ReadFault, Scope};
use crate::store::{AccountKind, AccountStore, NewAccount, Sqlite, Store};
use crate::timings::Timings;
use crate::{ChatService, Limits, Supervisor, SystemClock};
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use protocol::{AddableBy, CloseCode, ConversationId, Message, NewMessage, ServerFrame};
use serde_json::Value;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Maximum time that a test waits for a condition before it fails.
const PATIENCE: Duration = Duration::from_secs(20);
const SECRET: &[u8] = b"a secret of thirty-two bytes or so";

/// A node with its database.
pub(crate) struct World {
    pub(crate) chat: ChatService,
    pub(crate) polls: PollSessions,
    pub(crate) store: Arc<Sqlite>,
    pub(crate) stop: CancellationToken,
    dir: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(
            Timings::default(),
            Limits { sends_per_second: 1e6, send_burst: 1_000_000, ..Limits::default() },
        )
        .await
    }

    pub(crate) async fn with(timings: Timings, limits: Limits) -> Self {
        Self::over(Arc::new(Local::new()), timings, limits).await
    }

    pub(crate) async fn over(bus: Arc<dyn Bus>, timings: Timings, limits: Limits) -> Self {
        let dir = TempDir::new().expect("a directory");
        let store = Arc::new(Sqlite::open(dir.path().join("rapport.db")).await.expect("a database"));
        let stop = CancellationToken::new();
        let chat = Self::node(&store, bus, timings, limits, &stop).await;
        let polls = PollSessions::start(&chat, &Supervisor::new(stop.clone()));
        Self { chat, polls, store, stop, dir }
    }

    /// Starts another node over the same database.
    pub(crate) async fn another(&self, timings: Timings, limits: Limits) -> ChatService {
        Self::node(&self.store, Arc::new(Local::new()), timings, limits, &self.stop).await
    }

    /// Starts another node over the same database, with this bus and this token.
    pub(crate) async fn beside(
        &self,
        bus: Arc<dyn Bus>,
        timings: Timings,
        stop: &CancellationToken,
    ) -> ChatService {
        let limits = self.chat.limits().clone();
        Self::node(&self.store, bus, timings, limits, stop).await
    }

    async fn node(
        store: &Arc<Sqlite>,
        bus: Arc<dyn Bus>,
        timings: Timings,
        limits: Limits,
        stop: &CancellationToken,
    ) -> ChatService {
        let store: Arc<dyn Store> = store.clone();
        // A child: the end of one node is not the end of the others.
        let supervisor = Supervisor::new(stop.child_token());
        ChatService::start_at(timings, store, bus, Arc::new(SystemClock), limits, SECRET, &supervisor)
            .await
            .expect("a node")
    }

    /// Locks the database against writes until the result is dropped.
    pub(crate) async fn write_lock(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.dir.path().join("rapport.db"));
        let mut connection = options.connect().await.expect("a connection");
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.expect("the lock");
        connection
    }

    /// Creates an account and signs in.
    pub(crate) async fn person(&self, name: &str) -> Identity {
        // Created in the store, since a registration hashes a password, which takes long.
        let (first_name, last_name) = Default::default();
        let account = NewAccount {
            username: name.into(),
            first_name,
            last_name,
            password_hash: "none".into(),
            kind: AccountKind::Person,
            addable_by: AddableBy::Everyone,
            request_hash: None,
        };
        self.store.create_account(account, self.chat.now()).await.expect("registers");
        self.sign_in(name).await
    }

    /// Signs in once more.
    pub(crate) async fn sign_in(&self, name: &str) -> Identity {
        let account = self.chat.accounts().lookup(name).await.expect("is there");
        let pair = self.chat.accounts().issue(&account, "a test").await.expect("tokens");
        self.chat.accounts().by_token(&pair.access).await.expect("is good")
    }

    /// Creates a conversation of the first person with the others, a group if it has a title. It is in the lists of all.
    pub(crate) async fn conversation(&self, people: &[&Identity], title: Option<&str>) -> ConversationId {
        let id = self.opened(people, title).await;
        if let ([one, other], None) = (people, title) {
            assert_eq!(self.opened(&[other, one], None).await, id);
        }
        id
    }

    /// Creates a conversation; a direct one is in the list of the first person alone.
    pub(crate) async fn opened(&self, people: &[&Identity], title: Option<&str>) -> ConversationId {
        let names: Vec<_> = people[1..].iter().map(|who| who.person.username.clone()).collect();
        self.chat.open_conversation(&people[0].person, &names, title).await.expect("opens").0.id
    }

    pub(crate) async fn send(&self, who: &Identity, id: ConversationId, content: &str) -> Message {
        self.chat.send(&who.person, id, content, None, None).await.expect("sends").message
    }

    /// Connects, and receives the first frame.
    pub(crate) async fn connect(&self, who: &Identity, scope: Scope) -> Client {
        let mut client = self.dial(who, scope);
        let first = client.frame().await;
        assert!(matches!(first, ServerFrame::ConnectionEstablished(_)), "{first:?}");
        client
    }

    /// Connects without receiving the first frame.
    pub(crate) fn dial(&self, who: &Identity, scope: Scope) -> Client {
        Client::dial(&self.chat, who, scope, 4_096, &self.stop)
    }
}

/// The client's end of a connection.
pub(crate) struct Client {
    to: Option<mpsc::UnboundedSender<Result<Incoming, ReadFault>>>,
    pub(crate) from: mpsc::Receiver<Outgoing>,
    pub(crate) task: tokio::task::JoinHandle<()>,
}

impl Client {
    pub(crate) fn dial(
        chat: &ChatService,
        who: &Identity,
        scope: Scope,
        room: usize,
        stop: &CancellationToken,
    ) -> Self {
        let (to, incoming) = mpsc::unbounded();
        let (outgoing, from) = mpsc::channel(room);
        let outgoing = outgoing.sink_map_err(drop);
        let task = tokio::spawn(connection::run(
            chat.clone(),
            who.clone().into(),
            scope,
            incoming,
            outgoing,
            None,
            stop.clone(),
        ));
        Self { to: Some(to), from, task }
    }

    pub(crate) fn say(&self, item: Result<Incoming, ReadFault>) {
        if let Some(to) = &self.to {
            let _ = to.unbounded_send(item);
        }
    }

    pub(crate) fn text(&self, text: impl Into<String>) {
        self.say(Ok(Incoming::Text(text.into())));
    }

    pub(crate) fn send(&self, frame: Value) {
        self.text(frame.to_string());
    }

    /// Ends the connection without a close frame.
    pub(crate) async fn hang_up(mut self) {
        self.to = None;
        drop(self.from);
        soon(self.task).await.expect("the connection ends");
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> ServerFrame {
        let frame = ServerFrame::decode(&self.json().await.to_string()).expect("JSON");
        frame.readable().expect("a frame of this version")
    }

    pub(crate) async fn json(&mut self) -> Value {
        match self.next().await {
            Outgoing::Text(text) => serde_json::from_slice(&text).expect("JSON"),
            other => panic!("no frame, but {other:?}"),
        }
    }

    /// The next frame of this type; others are skipped.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.json().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The close code; frames before it are skipped.
    pub(crate) async fn closed(&mut self) -> CloseCode {
        loop {
            if let Outgoing::Close(code) = self.next().await {
                return code;
            }
        }
    }

    /// The contents of all messages until the connection is closed, and the close code.
    pub(crate) async fn texts_until_closed(&mut self) -> (Vec<String>, CloseCode) {
        let mut texts = Vec::new();
        loop {
            match self.next().await {
                Outgoing::Text(text) => {
                    let frame: Value = serde_json::from_slice(&text).expect("JSON");
                    texts.extend(frame["message"]["content"].as_str().map(ToOwned::to_owned));
                }
                Outgoing::Close(code) => return (texts, code),
                Outgoing::Ping => {}
            }
        }
    }

    /// The texts of all messages up to and including this one, in the order of arrival.
    pub(crate) async fn texts_until(&mut self, last: &str) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.last().is_none_or(|text| text != last) {
            if let ServerFrame::NewMessage(NewMessage { message, .. }) = self.frame().await {
                texts.push(message.content);
            }
        }
        texts
    }

    /// All frames that arrive before the answer to a ping.
    pub(crate) async fn before_pong(&mut self) -> Vec<Value> {
        self.send(serde_json::json!({"type": "ping"}));
        let mut frames = Vec::new();
        loop {
            let frame = self.json().await;
            if frame["type"] == "pong" {
                return frames;
            }
            frames.push(frame);
        }
    }

    async fn next(&mut self) -> Outgoing {
        loop {
            match soon(self.from.next()).await {
                Some(Outgoing::Ping) => {}
                Some(other) => return other,
                None => panic!("closed without a word"),
            }
        }
    }
}

/// Waits for at most [`PATIENCE`].
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("happens")
}

/// Waits until the condition holds.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    soon(async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
