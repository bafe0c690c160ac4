//! Hands what the bus brings to the connections of this node: each conversation's ordered frames without holes, each
//! frame encoded once, and nobody waited for.

mod crew;
mod heal;
mod line;
mod order;
mod own;

pub(crate) use line::{Line, Next};

use crate::bus::{Body, Bus, Push, Topic};
use crate::lock::lock;
use crate::pace::Pace;
use crate::store::Store;
use crew::Crew;
use order::Order;
use own::Own;
use protocol::{ConversationId, UserId};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// All topics that somebody here listens to.
pub(crate) struct Hub {
    topics: Mutex<HashMap<Topic, Entry>>,
    bus: Arc<dyn Bus>,
    store: Arc<dyn Store>,
    pace: Pace,
    lines: AtomicU64,
    crew: Crew,
    /// Where what other nodes say among themselves goes.
    words: mpsc::Sender<Push>,
    /// Grows when the database is to be looked at now rather than in a while.
    looks: watch::Sender<u64>,
    stop: CancellationToken,
}

/// Words of other nodes that may wait. What is lost of them is said again.
const WORDS: usize = 8_192;
/// What waits on the way from the bus is handed on together: a line then gets it in one write.
const TOGETHER: usize = 64;

#[derive(Default)]
struct Entry {
    lines: Vec<Arc<Line>>,
    /// Of a conversation.
    order: Order,
    /// Of a person.
    own: Own,
}

impl Entry {
    /// Queues a push for all who listen; adds those to `due` that are to be written, once the topics are unlocked.
    fn deliver(&self, push: &Arc<Push>, due: &mut Vec<Arc<Line>>) {
        for line in &self.lines {
            if push.except != Some(line.user) && line.offer(push) {
                due.push(line.clone());
            }
        }
    }
}

impl Hub {
    /// Takes what the bus brings, and begins to compare with the database. Gives what other nodes say among themselves.
    pub(crate) fn start(
        bus: Arc<dyn Bus>,
        store: Arc<dyn Store>,
        pace: Pace,
        stop: CancellationToken,
    ) -> (Arc<Self>, mpsc::Receiver<Push>) {
        let (incoming, link) = (bus.incoming(), bus.link());
        let (topics, lines) = (Mutex::default(), AtomicU64::new(1));
        let (words, said) = mpsc::channel(WORDS);
        let looks = watch::Sender::new(0);
        let crew = Crew::new();
        let hub = Arc::new(Self { topics, bus, store, pace, lines, crew, words, looks, stop });
        // Without other nodes nothing is lost on the way but by our own fault.
        let people = if link.is_some() { hub.pace.people } else { hub.pace.compare };
        tokio::spawn(hub.clone().listen(incoming));
        tokio::spawn(hub.clone().compare());
        tokio::spawn(hub.clone().compare_people(people));
        if let Some(link) = link {
            tokio::spawn(hub.clone().watch(link));
        }
        (hub, said)
    }

    /// A new connection's queue, of so many frames, and its number. `about`: the only conversation that it is about, if it is
    /// not about all.
    pub(crate) fn line(&self, user: UserId, about: Option<ConversationId>, queue: usize) -> Arc<Line> {
        Line::new(self.lines.fetch_add(1, Ordering::Relaxed), user, about, queue)
    }

    /// From now on the line gets what is about these topics. Gives the conversations among them whose counter is not known
    /// here yet: their ordered frames are held until somebody [`Self::settle`]s it.
    pub(crate) fn subscribe(&self, line: &Arc<Line>, topics: &[Topic]) -> HashSet<ConversationId> {
        let mut unknown = HashSet::new();
        let mut all = lock(&self.topics);
        for topic in topics {
            let entry = all.entry(*topic).or_insert_with(|| {
                self.bus.interest(*topic, true);
                Entry::default()
            });
            entry.lines.push(line.clone());
            if let (Topic::Conversation(id), None) = (topic, entry.order.last()) {
                unknown.insert(*id);
            }
        }
        unknown
    }

    /// The line no longer gets what is about these topics.
    pub(crate) fn unsubscribe<'a>(&self, line: &Line, topics: impl IntoIterator<Item = &'a Topic>) {
        let mut all = lock(&self.topics);
        for topic in topics {
            let Some(entry) = all.get_mut(topic) else { continue };
            if let Some(at) = entry.lines.iter().position(|other| other.id == line.id) {
                entry.lines.swap_remove(at);
            }
            if entry.lines.is_empty() {
                all.remove(topic);
                self.bus.interest(*topic, false);
            }
        }
        if all.is_empty() {
            all.shrink_to_fit();
        }
    }

    /// Says the counters of a snapshot that was read after subscribing. False when the snapshot is older than what was
    /// let through meanwhile for another connection, and so must be read again: `unknown` are the conversations for
    /// which that can be.
    pub(crate) fn settle(
        self: &Arc<Self>,
        counters: &[(ConversationId, i64)],
        unknown: &HashSet<ConversationId>,
    ) -> bool {
        let mut due = Vec::new();
        let mut all = lock(&self.topics);
        let mut covers = true;
        for (id, counter) in counters.iter().filter(|(id, _)| unknown.contains(id)) {
            let Some(entry) = all.get_mut(&Topic::Conversation(*id)) else { continue };
            let mut ready = Vec::new();
            let last = entry.order.settle(*counter, &mut ready);
            ready.iter().for_each(|push| entry.deliver(push, &mut due));
            if entry.order.begin_filling() {
                tokio::spawn(self.clone().fill(*id));
            }
            covers &= last <= *counter;
        }
        drop(all);
        self.crew.write(due);
        covers
    }

    /// Those of the counters that the ordered frames have not reached here yet.
    pub(crate) fn behind(&self, counters: &[(ConversationId, i64)]) -> HashMap<ConversationId, i64> {
        let all = lock(&self.topics);
        let last = |id| all.get(&Topic::Conversation(id)).and_then(|entry| entry.order.last());
        counters
            .iter()
            .copied()
            .filter(|(id, counter)| last(*id).is_none_or(|last| last < *counter))
            .collect()
    }

    /// The person's own counter as it was when or before anything was read for a connection that listens already.
    pub(crate) fn settle_own(&self, user: UserId, counter: i64) {
        if let Some(entry) = lock(&self.topics).get_mut(&Topic::Person(user)) {
            entry.own.settle(counter);
        }
    }

    /// Whether [`Self::settle_own`] was done.
    pub(crate) fn knows_own(&self, user: UserId) -> bool {
        lock(&self.topics).get(&Topic::Person(user)).is_some_and(|entry| entry.own.last().is_some())
    }

    /// Hands on what arrived.
    pub(crate) fn take(self: &Arc<Self>, pushes: impl IntoIterator<Item = Push>) {
        let mut due = Vec::new();
        pushes.into_iter().for_each(|push| self.take_one(push, &mut due));
        self.crew.write(due);
    }

    fn take_one(self: &Arc<Self>, push: Push, due: &mut Vec<Arc<Line>>) {
        match (&push.body, push.topic) {
            (Body::Lost, _) => return self.looks.send_modify(|looks| *looks += 1),
            (Body::Typing(_), _) | (_, Topic::Nodes) => {
                // Said again in a while.
                let _ = self.words.try_send(push);
                return;
            }
            _ => {}
        }
        let push = Arc::new(push);
        let mut all = lock(&self.topics);
        let Some(entry) = all.get_mut(&push.topic) else { return };
        if let (Topic::Person(_), Some(rev)) = (push.topic, push.rev) {
            entry.own.offer(rev);
        }
        let (Topic::Conversation(id), Some(rev)) = (push.topic, push.rev) else {
            entry.deliver(&push, due);
            return;
        };
        let mut ready = Vec::new();
        entry.order.offer(rev, push, &mut ready);
        ready.iter().for_each(|push| entry.deliver(push, due));
        if entry.order.begin_filling() {
            tokio::spawn(self.clone().fill(id));
        }
    }

    async fn listen(self: Arc<Self>, mut incoming: mpsc::Receiver<Vec<Push>>) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                batch = incoming.recv() => match batch {
                    Some(batch) => {
                        let more = std::iter::from_fn(|| incoming.try_recv().ok()).take(TOGETHER);
                        self.take(std::iter::once(batch).chain(more).flatten());
                    }
                    None => break,
                },
            }
        }
        // The last commits' frames still reach those who are about to be sent away.
        while let Ok(batch) = incoming.try_recv() {
            self.take(batch);
        }
    }

    /// How many topics, and how many subscriptions to them.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize) {
        let all = lock(&self.topics);
        (all.len(), all.values().map(|entry| entry.lines.len()).sum())
    }
}
