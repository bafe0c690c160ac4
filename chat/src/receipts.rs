//! Publication of receipts: at once in small conversations; in large ones at most once a second, with each reader's furthest
//! position only, so that a thousand readers of one message do not cause a thousand frames.

use crate::Supervisor;
use crate::bus::{Audience, Bus, Push, Topic};
use crate::store::{GroupWrite, Mark, Marked, Outcome, Store, Write};
use crate::timings::Timings;
use protocol::limits::SMALL_CONVERSATION;
use protocol::{ConversationId, MessageDelivered, MessageRead, ServerFrame, UserId};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Capacity of the queue. A lost receipt is in the next sync answer.
const QUEUE: usize = 4_096;
/// Maximum number of conversations whose size is cached.
const MAX_SIZES: usize = 10_000;
/// Time after which a size is read again: other nodes change members, too.
const SIZE_LIFETIME: Duration = Duration::from_secs(10);

/// Handle of the publishing task.
#[derive(Clone)]
pub(crate) struct Receipts {
    queue: mpsc::Sender<Event>,
}

enum Event {
    Moved(Mark, Marked),
    /// The number of members changed.
    Resized(ConversationId),
}

impl Receipts {
    pub(crate) fn start(
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        timings: &Timings,
        supervisor: &Supervisor,
    ) -> Self {
        let (queue, events) = mpsc::channel(QUEUE);
        let publisher = Publisher {
            store,
            bus,
            small: SizeCache::default(),
            delayed: HashMap::new(),
            every: timings.receipts_interval,
        };
        supervisor.spawn("receipts", publisher.run(events, supervisor.stop().clone()));
        Self { queue }
    }

    /// Queues the receipts of a commit.
    pub(crate) fn on_commit(&self, write: &Write, outcome: &Outcome) {
        let event = match (write, outcome) {
            (Write::Mark(mark), Outcome::Marked(Some(marked))) if marked.read || marked.delivered => {
                Event::Moved(*mark, *marked)
            }
            (
                Write::Group(GroupWrite { conversation, .. }) | Write::Join { conversation, .. },
                Outcome::GroupChanged(changed),
            ) if !changed.members.is_empty() => Event::Resized(*conversation),
            _ => return,
        };
        let _ = self.queue.try_send(event);
    }
}

struct Publisher {
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    small: SizeCache,
    /// Delayed receipts of large conversations.
    delayed: HashMap<(ConversationId, UserId, bool), Marked>,
    every: Duration,
}

/// Cache of whether conversations are small.
#[derive(Default)]
struct SizeCache {
    sizes: HashMap<ConversationId, (bool, Instant)>,
}

impl SizeCache {
    fn get(&self, id: ConversationId, now: Instant) -> Option<bool> {
        let (is_small, read_at) = *self.sizes.get(&id)?;
        (now.saturating_duration_since(read_at) < SIZE_LIFETIME).then_some(is_small)
    }

    fn set(&mut self, id: ConversationId, is_small: bool, now: Instant) {
        if self.sizes.len() >= MAX_SIZES {
            self.sizes.clear();
        }
        self.sizes.insert(id, (is_small, now));
    }

    fn remove(&mut self, id: ConversationId) {
        self.sizes.remove(&id);
    }
}

impl Publisher {
    async fn run(mut self, mut events: mpsc::Receiver<Event>, stop: CancellationToken) {
        let mut due: Option<Instant> = None;
        loop {
            let now = Instant::now();
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until(due.unwrap_or(now)), if due.is_some() => {
                    due = None;
                    let pushes = self.delayed.drain().flat_map(|((c, user, read), m)| pushes(c, user, read, m));
                    self.bus.publish(pushes.collect());
                }
                // Closed when the writer ends; this task still ends by the stop.
                Some(event) = events.recv() => match event {
                    Event::Resized(conversation) => {
                        self.small.remove(conversation);
                    }
                    Event::Moved(mark, marked) => {
                        // Read implies delivered: one frame for both. Of a hidden reading, others learn the delivery.
                        let read = marked.read && marked.shown;
                        if !read && !marked.delivered {
                            continue;
                        }
                        let key = (mark.conversation, mark.user, read);
                        if self.is_small(mark.conversation).await {
                            self.bus.publish(pushes(key.0, key.1, key.2, marked));
                        } else {
                            let entry = self.delayed.entry(key).or_insert(marked);
                            let delivered = entry.delivered || marked.delivered;
                            if marked.seq > entry.seq {
                                *entry = marked;
                            }
                            entry.delivered = delivered;
                            due.get_or_insert(now + self.every);
                        }
                    }
                },
            }
        }
    }

    async fn is_small(&mut self, id: ConversationId) -> bool {
        let now = Instant::now();
        if let Some(small) = self.small.get(id, now) {
            return small;
        }
        let Ok(members) = self.store.member_ids(id).await else { return false };
        let small = members.len() <= SMALL_CONVERSATION;
        self.small.set(id, small, now);
        small
    }
}

/// The frames for the other members. Those who hide reading are told of the delivery alone.
fn pushes(conversation_id: ConversationId, user: UserId, read: bool, marked: Marked) -> Vec<Push> {
    let (message_id, seq) = (marked.message, marked.seq);
    let topic = Topic::Conversation(conversation_id);
    let delivered = || {
        let frame = MessageDelivered { conversation_id, message_id, user_id: user, seq };
        Push::frame(topic, &ServerFrame::MessageDelivered(frame))
    };
    if !read {
        return vec![delivered()];
    }
    // The reader's own devices get it with the person's counter ([`crate::after_commit`]).
    let user_rev = None;
    let frame = MessageRead { conversation_id, message_id, reader_id: user, seq, user_rev };
    let read = Push::frame(topic, &ServerFrame::MessageRead(frame)).except(user).to(Audience::SeesReads);
    let mut pushes = vec![read];
    if marked.delivered {
        pushes.push(delivered().except(user).to(Audience::HidesReads));
    }
    pushes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn t2_a_size_is_read_again_after_a_while() {
        let mut sizes = SizeCache::default();
        let (one, two) = (ConversationId(1), ConversationId(2));
        sizes.set(one, true, Instant::now());
        tokio::time::advance(SIZE_LIFETIME / 2).await;
        sizes.set(two, false, Instant::now());
        assert_eq!(
            (sizes.get(one, Instant::now()), sizes.get(two, Instant::now())),
            (Some(true), Some(false))
        );
        tokio::time::advance(SIZE_LIFETIME / 2).await;
        assert_eq!((sizes.get(one, Instant::now()), sizes.get(two, Instant::now())), (None, Some(false)));
        sizes.remove(two);
        assert_eq!(sizes.get(two, Instant::now()), None);
    }
}
