//! Failing background tasks, and a database that fails in each way.

mod faulty_bus;
mod faulty_store;

use super::world::{Client, World, soon};
use crate::account::Identity;
use crate::bus::{BusEvent, Push, Topic, Typist};
use crate::connection::{self, DirectWrite, Outgoing, PollSessions, Scope, WriteOutcome};
use crate::timings::Timings;
use crate::{ChatService, Error, Limits, Supervisor, SystemClock};
use bytes::Bytes;
use faulty_bus::{Call, FaultyBus};
use faulty_store::{Fault, FaultyStore};
use futures::channel::mpsc;
use futures::{SinkExt as _, StreamExt as _};
use protocol::{CloseCode, ConversationId, DeleteFor, OpenCursors, PollRequest, SyncRequest, UserId};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A node with faults, and two members of a conversation.
struct Node {
    chat: ChatService,
    polls: PollSessions,
    store: Arc<FaultyStore>,
    bus: Arc<FaultyBus>,
    supervisor: Supervisor,
    anna: Identity,
    ben: Identity,
    id: ConversationId,
    /// Another node over the same database, without a bus between them.
    world: World,
}

impl Node {
    async fn new() -> Self {
        let world = World::new().await;
        let (anna, ben) = (world.person("anna").await, world.person("ben").await);
        let id = world.conversation(&[&anna, &ben], None).await;
        let (store, bus) = (Arc::new(FaultyStore::new(world.store.clone())), Arc::new(FaultyBus::new()));
        let supervisor = Supervisor::new(CancellationToken::new());
        let short = Duration::from_millis(10);
        let timings = Timings {
            gap_repair_after: short,
            conversation_check_interval: short,
            person_check_interval: short,
            revocation_check_interval: short,
            offline_after: short,
            heartbeat_interval: short,
            receipts_interval: short,
            scrub_interval: short,
            typing_timeout: short,
            poll_session_timeout: short,
            close_timeout: Duration::from_millis(500),
            ..Timings::default()
        };
        let limits = Limits { sends_per_second: 1e6, send_burst: 1_000_000, ..Limits::default() };
        let (clock, secret) = (Arc::new(SystemClock), [7; 32]);
        let chat =
            ChatService::start_at(timings, store.clone(), bus.clone(), clock, limits, &secret, &supervisor)
                .await
                .expect("a node");
        let polls = PollSessions::start(&chat, &supervisor);
        Self { chat, polls, store, bus, supervisor, anna, ben, id, world }
    }

    async fn send(&self, content: &str) -> crate::Result<crate::Sent> {
        self.chat.send(&self.anna.person, self.id, content, None, None).await
    }

    /// Sends a message, and deletes it for everyone.
    async fn delete_one(&self) {
        let message = self.send("to be deleted").await.expect("sends").message.id;
        let deleted = self.chat.delete(&self.anna.person, self.id, message, DeleteFor::Everyone);
        deleted.await.expect("deletes");
    }

    /// A socket of Ben, after its first frame.
    async fn connect(&self) -> Client {
        let mut client = Client::dial(&self.chat, &self.ben, Scope::All, 4_096, self.supervisor.stop());
        client.until("connection_established").await;
        client
    }

    /// Waits until this task stopped the node, which still ends in order.
    async fn stopped_by(&self, task: &str) {
        soon(self.supervisor.stop().cancelled()).await;
        assert_eq!(self.supervisor.failed_task(), Some(task));
        self.store.heal();
        self.bus.heal();
        soon(self.chat.drain()).await;
        assert_eq!(self.supervisor.failed_task(), Some(task), "the first one is the cause");
    }
}

#[tokio::test]
async fn a_panic_of_the_writer_stops_the_node() {
    let node = Node::new().await;
    let mut client = node.connect().await;
    node.store.fail("commit", Fault::Panic);
    let error = node.send("never kept").await.expect_err("the writer is gone");
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert_eq!(client.closed().await, CloseCode::Restarting);
    node.stopped_by("writer").await;
}

#[tokio::test]
async fn a_closed_bus_stops_the_node() {
    let node = Node::new().await;
    node.bus.close_incoming();
    node.stopped_by("hub").await;
    let node = Node::new().await;
    node.bus.close_link();
    node.stopped_by("hub link").await;
}

#[tokio::test]
async fn a_panic_of_a_comparison_stops_the_node() {
    for (method, task) in [("counters", "comparison of conversations"), ("user_revs", "comparison of people")]
    {
        let node = Node::new().await;
        let _client = node.connect().await;
        node.store.fail(method, Fault::Panic);
        node.stopped_by(task).await;
    }
}

#[tokio::test]
async fn a_panic_of_revocations_or_receipts_stops_the_node() {
    let node = Node::new().await;
    node.store.fail("revocations", Fault::Panic);
    node.stopped_by("revocations").await;
    let node = Node::new().await;
    node.send("to be read").await.expect("sends");
    node.store.fail("member_ids", Fault::Panic);
    node.chat.mark_read(&node.ben.person, node.id, None).await.expect("marks");
    node.stopped_by("receipts").await;
}

#[tokio::test]
async fn a_panic_of_presence_stops_the_node() {
    let node = Node::new().await;
    let client = node.connect().await;
    node.store.fail("seen", Fault::Panic);
    client.hang_up().await;
    node.stopped_by("presence").await;
    let node = Node::new().await;
    node.bus.panic_in(Call::PublishToNodes, 3);
    node.stopped_by("presence exchange").await;
}

#[tokio::test]
async fn a_panic_of_typing_or_of_events_between_nodes_stops_the_node() {
    let node = Node::new().await;
    // The beginning is announced, the expiry is not.
    node.bus.panic_in(Call::Deliver, 1);
    node.chat.typing(&node.anna.person, node.id, true).await.expect("types");
    node.stopped_by("typing").await;
    let node = Node::new().await;
    node.bus.panic_in(Call::Deliver, 0);
    let typist = Typist { node: 1, user: UserId(77), username: "carla".into(), is_typing: true };
    crate::bus::Bus::publish(
        &*node.bus,
        vec![Push::event(Topic::Conversation(node.id), BusEvent::Typing(typist))],
    );
    node.stopped_by("events between nodes").await;
}

#[tokio::test]
async fn a_panic_of_a_sweep_stops_the_node() {
    let node = Node::new().await;
    node.bus.panic_in(Call::Unsubscribe, 0);
    let sync = SyncRequest { user_rev: 0, list: true, open: OpenCursors::default() };
    let request = PollRequest { mailbox: None, batch: 0, sync, wait: false };
    soon(node.polls.poll(&node.anna, request)).await.expect("an answer");
    node.stopped_by("long-poll session sweep").await;
}

#[tokio::test]
async fn errors_of_the_database_end_no_task() {
    for fault in [Fault::Unavailable, Fault::Internal, Fault::Refused] {
        let node = Node::new().await;
        let mut client = node.connect().await;
        // Each of these is tried again by its task.
        for method in ["counters", "user_revs", "revocations"] {
            node.store.fail(method, fault);
            node.store.failed(method, 3).await;
            node.store.heal();
        }
        node.store.fail("commit", fault);
        for _ in 0..3 {
            node.send("refused").await.expect_err("the database fails");
            assert_eq!(node.chat.commits_fail(), !matches!(fault, Fault::Refused), "{fault:?}");
        }
        node.store.heal();
        node.send("kept").await.expect("sends");
        assert!(!node.chat.commits_fail(), "{fault:?}");
        assert_eq!(client.texts_until("kept").await, ["kept"]);
        node.store.fail("member_ids", fault);
        node.chat.mark_read(&node.ben.person, node.id, None).await.expect("marks");
        node.store.failed("member_ids", 1).await;
        for method in ["delete_expired_sign_ins", "sweep_receipts", "sweep_notifications"] {
            node.store.fail(method, fault);
            node.chat.sweep().await.expect_err("the database fails");
            node.store.heal();
        }
        node.store.fail("seen", fault);
        client.hang_up().await;
        node.store.failed("seen", 1).await;
        node.store.heal();

        let mut client = node.connect().await;
        node.send("afterwards").await.expect("sends");
        client.texts_until("afterwards").await;
        assert_eq!(node.supervisor.failed_task(), None, "{fault:?}");
        assert!(!node.supervisor.stop().is_cancelled());
    }
}

#[tokio::test]
async fn a_removal_of_deleted_content_that_fails_is_tried_again() {
    for method in ["clear_unused_space", "scrub"] {
        for fault in [Fault::Unavailable, Fault::Internal] {
            let node = Node::new().await;
            node.store.fail(method, fault);
            node.delete_one().await;
            node.store.failed(method, 3).await;
            node.store.heal();
            assert_eq!(node.supervisor.failed_task(), None, "{method} {fault:?}");
        }
        let node = Node::new().await;
        node.store.fail(method, Fault::Panic);
        node.delete_one().await;
        node.stopped_by("removal of deleted content").await;
    }
}

#[tokio::test]
async fn c2_a_rest_that_fails_disturbs_nobody_and_one_that_panics_stops_the_node() {
    for fault in [Fault::Unavailable, Fault::Internal] {
        let node = Node::new().await;
        node.store.fail("rest", fault);
        node.chat.first_sync(&node.anna.person, OpenCursors::default()).await.expect("the list is read");
        node.store.failed("rest", 1).await;
        let request = SyncRequest { list: true, ..SyncRequest::default() };
        node.chat.sync(&node.ben.person, &request).await.expect("the list is read");
        node.store.failed("rest", 2).await;
        node.store.heal();
        assert_eq!(node.supervisor.failed_task(), None, "{fault:?}");
    }
    let node = Node::new().await;
    node.store.fail("rest", Fault::Panic);
    node.chat.first_sync(&node.anna.person, OpenCursors::default()).await.expect("the list is read");
    node.stopped_by("rest of memberships").await;
}

#[tokio::test]
async fn a_gap_repair_that_fails_or_panics_is_tried_again() {
    for fault in [Fault::Panic, Fault::Unavailable, Fault::Internal, Fault::Refused] {
        let node = Node::new().await;
        let mut client = node.connect().await;
        node.send("before").await.expect("sends");
        client.texts_until("before").await;
        // The comparison would find the gap as well: none must be under way, nor begin.
        node.store.fail("counters", Fault::Unavailable);
        node.store.failed("counters", 1).await;
        node.store.fail("frames_after", fault);
        node.bus.lose_frames(true);
        node.send("lost").await.expect("sends");
        node.bus.lose_frames(false);
        node.send("after").await.expect("sends");
        node.store.failed("frames_after", 2).await;
        node.store.heal();
        assert_eq!(client.texts_until("after").await, ["lost", "after"], "{fault:?}");
        assert_eq!(node.supervisor.failed_task(), None, "{fault:?}");
    }
}

/// A transport that panics.
struct Broken;

impl DirectWrite for Broken {
    fn encode(&self, text: Bytes, into: &mut Vec<u8>) {
        into.extend_from_slice(&text);
    }

    fn write(&self, _: &[u8]) -> WriteOutcome {
        panic!("injected")
    }
}

#[tokio::test]
async fn a_panicking_transport_resynchronises_its_client_only() {
    let node = Node::new().await;
    let mut client = node.connect().await;
    let (_to, incoming) = mpsc::unbounded();
    let (outgoing, mut from) = mpsc::channel(4_096);
    let (who, stop) = (node.ben.clone().into(), node.supervisor.stop().clone());
    let (outgoing, direct_write) =
        (outgoing.sink_map_err(drop), Some(Arc::new(Broken) as Arc<dyn DirectWrite>));
    let chat = node.chat.clone();
    let broken = tokio::spawn(connection::run(chat, who, Scope::All, incoming, outgoing, direct_write, stop));
    let first = soon(from.next()).await.expect("the first frame");
    assert!(matches!(first, Outgoing::Text(_)), "{first:?}");
    // It is written directly once the connection's task is idle.
    let mut sent = 0;
    while !broken.is_finished() {
        node.send(&sent.to_string()).await.expect("sends");
        client.texts_until(&sent.to_string()).await;
        sent += 1;
    }
    soon(broken).await.expect("the connection's task does not panic");
    let last = soon(from.collect::<Vec<_>>()).await.pop();
    assert_eq!(last, Some(Outgoing::Close(CloseCode::FellBehind)));
    assert_eq!(node.supervisor.failed_task(), None);
}

#[tokio::test]
async fn a_dropped_service_stops_its_node_without_a_failure() {
    let node = Node::new().await;
    drop((node.chat, node.polls));
    soon(node.supervisor.stop().cancelled()).await;
    drop(node.world);
    assert_eq!(node.supervisor.failed_task(), None);
}
