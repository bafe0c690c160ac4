//! Fan-out: delivers the pushes of the bus to the connections of this node. The frames of a conversation arrive in order
//! and without gaps, each is encoded once, and no slow connection delays another.

mod fanout_pool;
mod gap_repair;
mod reorder_buffer;
mod subscriber;
mod subscribers;
mod user_sequence;

pub use subscriber::{DirectWrite, WriteOutcome};
pub(crate) use subscriber::{Next, Subscriber};

use crate::Supervisor;
use crate::bus::{Bus, BusEvent, Push, Topic};
use crate::store::Store;
use crate::timings::Timings;
use dashmap::{DashMap, Entry};
use fanout_pool::FanoutPool;
use protocol::{ConversationId, UserId};
use reorder_buffer::ReorderBuffer;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use subscribers::Subscribers;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use user_sequence::UserSequence;

/// Fan-out of this node.
///
/// The topics are sharded by their hash, so that connections that open and close do not wait for the delivery to a room.
/// All changes of one topic happen under the lock of its shard: its frames are queued in the same order for all subscribers,
/// and the bus is told of the first subscriber and of the end of the last one in the order in which these happened.
/// Nothing is atomic over several topics.
pub(crate) struct Hub {
    topics: DashMap<Topic, TopicState>,
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    timings: Timings,
    next_id: AtomicU64,
    fanout: FanoutPool,
    /// Events between nodes: presence, typing and spent tokens.
    node_events: mpsc::Sender<Push>,
    /// Incremented to compare all counters with the database now rather than at the next interval.
    compare_now: watch::Sender<u64>,
    stop: CancellationToken,
}

/// Capacity of the queue of events between nodes. A lost event is repeated by its sender.
const NODE_EVENTS: usize = 8_192;
/// Maximum number of batches from the bus that are delivered together, so that a connection gets them in one write.
const MAX_BATCHES: usize = 64;

/// State of a topic that has subscribers.
#[derive(Default)]
struct TopicState {
    subscribers: Subscribers,
    /// Used by a conversation's topic.
    frames: ReorderBuffer,
    /// Used by a person's topic.
    sequence: UserSequence,
}

impl TopicState {
    /// Queues a push for all subscribers; adds those that are to be flushed, after the shard is unlocked, to `due`.
    fn deliver(&self, push: &Arc<Push>, due: &mut Vec<Arc<Subscriber>>) {
        for subscriber in self.subscribers.iter() {
            let receives = push.except != Some(subscriber.user) && subscriber.is_in(push.audience);
            if receives && subscriber.offer(push) {
                due.push(subscriber.clone());
            }
        }
    }
}

impl Hub {
    /// Starts the tasks that receive from the bus and compare with the database. Gives the events between nodes.
    pub(crate) fn start(
        bus: Arc<dyn Bus>,
        store: Arc<dyn Store>,
        timings: Timings,
        supervisor: &Supervisor,
    ) -> (Arc<Self>, mpsc::Receiver<Push>) {
        let (incoming, link) = (bus.incoming(), bus.link());
        let (topics, next_id) = (DashMap::new(), AtomicU64::new(1));
        let (node_events, received) = mpsc::channel(NODE_EVENTS);
        let compare_now = watch::Sender::new(0);
        let (fanout, stop) = (FanoutPool::new(), supervisor.stop().clone());
        let hub =
            Arc::new(Self { topics, bus, store, timings, next_id, fanout, node_events, compare_now, stop });
        // Without other nodes, pushes are lost only if the hub itself does not keep up.
        let people = if link.is_some() {
            hub.timings.person_check_interval
        } else {
            hub.timings.conversation_check_interval
        };
        supervisor.spawn("hub", hub.clone().listen(incoming));
        supervisor.spawn("comparison of conversations", hub.clone().compare_conversations());
        supervisor.spawn("comparison of people", hub.clone().compare_people(people));
        if let Some(link) = link {
            supervisor.spawn("hub link", hub.clone().watch_link(link));
        }
        (hub, received)
    }

    /// Creates the queue of a new connection. `about` is its single conversation, `None` for all; `capacity` is in frames.
    pub(crate) fn new_subscriber(
        &self,
        user: UserId,
        about: Option<ConversationId>,
        capacity: usize,
    ) -> Arc<Subscriber> {
        Subscriber::new(self.next_id.fetch_add(1, Ordering::Relaxed), user, about, capacity)
    }

    /// Subscribes to the topics. Gives the conversations among them whose position is unknown here: their frames are held
    /// until [`Self::init_positions`].
    pub(crate) fn subscribe(
        &self,
        subscriber: &Arc<Subscriber>,
        topics: &[Topic],
    ) -> HashSet<ConversationId> {
        let mut unknown = HashSet::new();
        for topic in topics {
            let mut state = self.topics.entry(*topic).or_insert_with(|| {
                self.bus.interest(*topic, true);
                TopicState::default()
            });
            state.subscribers.insert(subscriber.clone());
            if let (Topic::Conversation(id), None) = (topic, state.frames.last()) {
                unknown.insert(*id);
            }
        }
        unknown
    }

    /// Unsubscribes from the topics.
    pub(crate) fn unsubscribe<'a>(
        &self,
        subscriber: &Subscriber,
        topics: impl IntoIterator<Item = &'a Topic>,
    ) {
        for topic in topics {
            let Entry::Occupied(mut state) = self.topics.entry(*topic) else { continue };
            state.get_mut().subscribers.remove(subscriber.id);
            if state.get().subscribers.is_empty() {
                self.bus.interest(*topic, false);
                state.remove();
            }
        }
    }

    /// Initialises positions from a snapshot that was read after subscribing. `unknown` are the conversations without a
    /// position. False if frames after the snapshot were already released for another connection: the snapshot has to be
    /// read again.
    pub(crate) fn init_positions(
        self: &Arc<Self>,
        counters: &[(ConversationId, i64)],
        unknown: &HashSet<ConversationId>,
    ) -> bool {
        let mut due = Vec::new();
        let mut covers = true;
        for (id, counter) in counters.iter().filter(|(id, _)| unknown.contains(id)) {
            let Some(mut state) = self.topics.get_mut(&Topic::Conversation(*id)) else { continue };
            let mut ready = Vec::new();
            let last = state.frames.init(*counter, &mut ready);
            ready.iter().for_each(|push| state.deliver(push, &mut due));
            if state.frames.begin_repair() {
                tokio::spawn(self.clone().repair_gaps(*id));
            }
            covers &= last <= *counter;
        }
        self.fanout.flush(due);
        covers
    }

    /// The counters that the released frames have not reached yet.
    pub(crate) fn not_reached(&self, counters: &[(ConversationId, i64)]) -> HashMap<ConversationId, i64> {
        let last = |id| self.topics.get(&Topic::Conversation(id)).and_then(|state| state.frames.last());
        counters
            .iter()
            .copied()
            .filter(|(id, counter)| last(*id).is_none_or(|last| last < *counter))
            .collect()
    }

    /// Initialises the position of the person's topic from a counter that was read after subscribing and before anything
    /// else.
    pub(crate) fn init_user_sequence(&self, user: UserId, counter: i64) {
        if let Some(mut state) = self.topics.get_mut(&Topic::Person(user)) {
            state.sequence.init(counter);
        }
    }

    /// Whether [`Self::init_user_sequence`] was called for this person.
    pub(crate) fn knows_user_sequence(&self, user: UserId) -> bool {
        self.topics.get(&Topic::Person(user)).is_some_and(|state| state.sequence.last().is_some())
    }

    /// Delivers pushes to the subscribers.
    pub(crate) fn dispatch(self: &Arc<Self>, pushes: impl IntoIterator<Item = Push>) {
        let mut due = Vec::new();
        pushes.into_iter().for_each(|push| self.dispatch_one(push, &mut due));
        self.fanout.flush(due);
    }

    fn dispatch_one(self: &Arc<Self>, push: Push, due: &mut Vec<Arc<Subscriber>>) {
        match (&push.event, push.topic) {
            (BusEvent::PushesLost, _) => return self.compare_now.send_modify(|count| *count += 1),
            (BusEvent::Typing(_) | BusEvent::ConversationClosed, _) | (_, Topic::Nodes) => {
                // If the queue is full: presence and typing are repeated by the sender and expire, and a lost token is not counted
                // here.
                let _ = self.node_events.try_send(push);
                return;
            }
            (BusEvent::OtherMemberLeft(_), _) => self.end_typing(&push),
            _ => {}
        }
        let push = Arc::new(push);
        let Some(mut state) = self.topics.get_mut(&push.topic) else { return };
        if let (Topic::Person(_), Some(rev)) = (push.topic, push.rev) {
            state.sequence.offer(rev);
        }
        let (Topic::Conversation(id), Some(rev)) = (push.topic, push.rev) else {
            state.deliver(&push, due);
            return;
        };
        let mut ready = Vec::new();
        state.frames.offer(rev, push, &mut ready);
        ready.iter().for_each(|push| state.deliver(push, due));
        if state.frames.begin_repair() {
            tokio::spawn(self.clone().repair_gaps(id));
        }
    }

    /// Passes the end of a membership to typing, beside its delivery. If the queue is full, typing expires.
    fn end_typing(&self, left: &Push) {
        let _ = self.node_events.try_send(left.clone());
    }

    async fn listen(self: Arc<Self>, mut incoming: mpsc::Receiver<Vec<Push>>) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                batch = incoming.recv() => match batch {
                    Some(batch) => {
                        let more = std::iter::from_fn(|| incoming.try_recv().ok()).take(MAX_BATCHES);
                        self.dispatch(std::iter::once(batch).chain(more).flatten());
                    }
                    None => break,
                },
            }
        }
        // Frames of the last commits still reach the connections that are about to close.
        while let Ok(batch) = incoming.try_recv() {
            self.dispatch(batch);
        }
    }

    /// The number of topics, and of subscriptions to them.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.topics.len(), self.topics.iter().map(|state| state.subscribers.len()).sum())
    }
}

#[cfg(test)]
mod tests;
