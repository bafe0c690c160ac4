//! Publication of receipts: at once in small conversations; in large ones at most once a second, with each reader's furthest
//! position only, so that a thousand readers of one message do not cause a thousand frames.

use crate::Supervisor;
use crate::bus::{Bus, Push, Topic};
use crate::store::{Mark, Marked, Outcome, Store, Write};
use crate::timings::Timings;
use protocol::limits::SMALL_CONVERSATION;
use protocol::{ConversationId, MessageDelivered, MessageRead, ServerFrame, UserId};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Capacity of the queue. A lost receipt is in the next sync answer.
const QUEUE: usize = 4_096;
/// Maximum number of conversations whose size is cached.
const MAX_SIZES: usize = 10_000;

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
            small: HashMap::new(),
            delayed: HashMap::new(),
            every: timings.receipts_interval,
        };
        supervisor.spawn("receipts", publisher.run(events, supervisor.stop().clone()));
        Self { queue }
    }

    /// Queues the receipts of a commit.
    pub(crate) fn on_commit(&self, write: &Write, outcome: &Outcome) {
        let event = match (write, outcome) {
            (Write::Mark(mark), Outcome::Marked(Some(marked))) => Event::Moved(*mark, *marked),
            (Write::Remove { conversation, .. }, Outcome::Removed { .. }) => Event::Resized(*conversation),
            _ => return,
        };
        let _ = self.queue.try_send(event);
    }
}

struct Publisher {
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    /// Whether a conversation is small; a cache.
    small: HashMap<ConversationId, bool>,
    /// Delayed receipts of large conversations.
    delayed: HashMap<(ConversationId, UserId, bool), Marked>,
    every: std::time::Duration,
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
                    let pushes = self.delayed.drain().map(|((c, user, read), m)| push(c, user, read, m)).collect();
                    self.bus.publish(pushes);
                }
                // Closed when the writer ends; this task still ends by the stop.
                Some(event) = events.recv() => match event {
                    Event::Resized(conversation) => {
                        self.small.remove(&conversation);
                    }
                    Event::Moved(mark, marked) => {
                        // Read implies delivered: one frame for both.
                        let key = (mark.conversation, mark.user, marked.read);
                        if self.is_small(mark.conversation).await {
                            self.bus.publish(vec![push(key.0, key.1, key.2, marked)]);
                        } else {
                            let entry = self.delayed.entry(key).or_insert(marked);
                            if marked.seq > entry.seq {
                                *entry = marked;
                            }
                            due.get_or_insert(now + self.every);
                        }
                    }
                },
            }
        }
    }

    async fn is_small(&mut self, id: ConversationId) -> bool {
        if let Some(small) = self.small.get(&id) {
            return *small;
        }
        let Ok(members) = self.store.member_ids(id).await else { return false };
        if self.small.len() >= MAX_SIZES {
            self.small.clear();
        }
        let small = members.len() <= SMALL_CONVERSATION;
        self.small.insert(id, small);
        small
    }
}

fn push(conversation_id: ConversationId, user: UserId, read: bool, marked: Marked) -> Push {
    let (message_id, seq) = (marked.message, marked.seq);
    let topic = Topic::Conversation(conversation_id);
    if read {
        // The reader's own devices get it with the person's counter ([`crate::after_commit`]).
        let user_rev = None;
        let frame = ServerFrame::MessageRead(MessageRead {
            conversation_id,
            message_id,
            reader_id: user,
            seq,
            user_rev,
        });
        return Push::frame(topic, &frame).except(user);
    }
    Push::frame(
        topic,
        &ServerFrame::MessageDelivered(MessageDelivered { conversation_id, message_id, user_id: user, seq }),
    )
}
