//! Tells how far people have read. In small conversations one by one; in large ones at most once a second, each
//! reader's furthest position only, so that a thousand readers of one message are not a thousand frames at once.

use crate::bus::{Bus, Push, Topic};
use crate::pace::Pace;
use crate::store::{Mark, Marked, Outcome, Store, Write};
use protocol::limits::SMALL_CONVERSATION;
use protocol::{ConversationId, MessageDelivered, MessageRead, ServerFrame, UserId};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Receipts that may wait. A lost one is in the next sync answer.
const WAITING: usize = 4_096;
/// Conversations whose size is remembered.
const SIZES: usize = 10_000;

/// The way to the task that tells.
#[derive(Clone)]
pub(crate) struct Receipts {
    waiting: mpsc::Sender<Note>,
}

enum Note {
    Grew(Mark, Marked),
    /// The number of members changed.
    Resized(ConversationId),
}

impl Receipts {
    pub(crate) fn start(
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        pace: &Pace,
        stop: CancellationToken,
    ) -> Self {
        let (waiting, notes) = mpsc::channel(WAITING);
        let teller = Teller { store, bus, small: HashMap::new(), late: HashMap::new(), every: pace.receipts };
        tokio::spawn(teller.run(notes, stop));
        Self { waiting }
    }

    /// After a commit: tells what there is to tell of it.
    pub(crate) fn note(&self, write: &Write, outcome: &Outcome) {
        let note = match (write, outcome) {
            (Write::Mark(mark), Outcome::Marked(Some(marked))) => Note::Grew(*mark, *marked),
            (Write::Remove { conversation, .. }, Outcome::Removed { .. }) => Note::Resized(*conversation),
            _ => return,
        };
        let _ = self.waiting.try_send(note);
    }
}

struct Teller {
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    /// Whether a conversation is small, as far as it is known.
    small: HashMap<ConversationId, bool>,
    /// What large conversations are still to be told.
    late: HashMap<(ConversationId, UserId, bool), Marked>,
    every: std::time::Duration,
}

impl Teller {
    async fn run(mut self, mut notes: mpsc::Receiver<Note>, stop: CancellationToken) {
        let mut due: Option<Instant> = None;
        loop {
            let now = Instant::now();
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until(due.unwrap_or(now)), if due.is_some() => {
                    due = None;
                    let pushes = self.late.drain().map(|((c, user, read), m)| told(c, user, read, m)).collect();
                    self.bus.publish(pushes);
                }
                note = notes.recv() => match note {
                    None => break,
                    Some(Note::Resized(conversation)) => {
                        self.small.remove(&conversation);
                    }
                    Some(Note::Grew(mark, marked)) => {
                        // Read is also delivered: one frame says both.
                        let key = (mark.conversation, mark.user, marked.read);
                        if self.is_small(mark.conversation).await {
                            self.bus.publish(vec![told(key.0, key.1, key.2, marked)]);
                        } else {
                            let entry = self.late.entry(key).or_insert(marked);
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
        if self.small.len() >= SIZES {
            self.small.clear();
        }
        let small = members.len() <= SMALL_CONVERSATION;
        self.small.insert(id, small);
        small
    }
}

fn told(conversation_id: ConversationId, user: UserId, read: bool, marked: Marked) -> Push {
    let (message_id, seq) = (marked.message, marked.seq);
    let topic = Topic::Conversation(conversation_id);
    if read {
        // The reader's own devices hear of it with their own counter (`writer/follows.rs`).
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
