//! The history: operations of the clients and their results, in the order in which they happened.

use super::change::Change;
use protocol::{ClientId, ConversationId, Role, Timestamp, UserId};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Instant, SystemTime};

/// The kind of an event: the start of an operation, or its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The operation starts.
    Invoke,
    /// The operation was acknowledged.
    Ok,
    /// The operation was refused and had no effect.
    Fail,
    /// Whether the operation took effect is unknown.
    Info,
    /// Not an operation: an observation of a client, or a fault of the nemesis.
    Note,
}

/// The subject of an event. The names are those of the history file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A message is sent.
    Send {
        /// The conversation.
        conversation: ConversationId,
        /// The id of the message.
        message: ClientId,
        /// The text, unique within the run.
        body: String,
        /// The `seq` of the message.
        seq: Option<i64>,
    },
    /// An acknowledged message is sent again under its id.
    Repeat {
        /// The conversation.
        conversation: ConversationId,
        /// The id of the message.
        message: ClientId,
        /// The `seq` in the answer.
        seq: Option<i64>,
    },
    /// Another text is sent under an id that was used.
    Conflict {
        /// The text, which must never be stored.
        body: String,
    },
    /// A message is deleted for everyone.
    Delete {
        /// The conversation.
        conversation: ConversationId,
        /// The id of the message.
        message: ClientId,
    },
    /// A page of the history is read.
    Read {
        /// The conversation.
        conversation: ConversationId,
        /// The page ends below this `seq`; `None`: the newest page.
        before: Option<i64>,
        /// The rows of the page.
        shown: Vec<Shown>,
    },
    /// Messages are marked as read.
    Mark {
        /// The conversation.
        conversation: ConversationId,
        /// The `seq` up to which they are.
        seq: i64,
    },
    /// The own read position is read.
    Cursor {
        /// The conversation.
        conversation: ConversationId,
        /// The `seq` in the answer.
        seq: Option<i64>,
    },
    /// A group is changed.
    Change {
        /// The group.
        conversation: ConversationId,
        /// The id of the request; that of an earlier one if the request must be refused for it.
        request: ClientId,
        /// The change.
        change: Change,
    },
    /// An acknowledged change of a group is requested again under its id.
    RepeatChange {
        /// The group.
        conversation: ConversationId,
        /// The id of the request.
        request: ClientId,
    },
    /// A client connected.
    Line {
        /// The index of the node.
        node: usize,
        /// True for a socket, false for long polls.
        socket: bool,
    },
    /// A client received `conversation_removed`.
    Gone {
        /// The conversation.
        conversation: ConversationId,
    },
    /// A client knew the members of a group as of a value of its counter: from an answer, or from its own state.
    Members {
        /// The group.
        conversation: ConversationId,
        /// The counter.
        rev: i64,
        /// The members with their roles, by id.
        members: BTreeMap<UserId, Role>,
    },
    /// A client received a change of a conversation that members leave.
    Heard {
        /// The conversation.
        conversation: ConversationId,
        /// The counter of the conversation after the change.
        rev: i64,
    },
    /// The cursor of a client went back, which is a violation.
    Fell {
        /// The conversation.
        conversation: ConversationId,
        /// The cursor before.
        from: i64,
        /// The cursor after.
        to: i64,
    },
    /// The seed of the run.
    Seed {
        /// The seed.
        seed: u64,
        /// The command that repeats the run.
        repeat: String,
    },
    /// A scheduled round of faults.
    Planned {
        /// The description of the round.
        fault: String,
    },
    /// A round of faults was injected.
    Fault {
        /// The description of the round.
        fault: String,
    },
    /// The faults of a round ended.
    Mended {
        /// The description of the round.
        fault: String,
    },
    /// Every client has caught up after a round.
    CaughtUp {
        /// The description of the round.
        fault: String,
        /// The time since the faults ended.
        milliseconds: u64,
    },
}

/// A row of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The id of the message.
    pub message: ClientId,
    /// The `seq` of the message.
    pub seq: i64,
    /// Whether the row is a tombstone.
    pub deleted: bool,
}

/// One event, a line of the history file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// The kind of the event.
    pub kind: Kind,
    /// The wall-clock time.
    pub at: Timestamp,
    /// Microseconds since the start of the run, by a monotonic clock.
    pub after: u64,
    /// The index of the client; `None`: the checker itself.
    pub process: Option<usize>,
    /// The index of the event that started the operation; the event's own index if it is that.
    pub began: usize,
    /// The subject of the event.
    #[serde(flatten)]
    pub what: What,
}

/// Collects events in the order of the calls.
#[derive(Debug)]
pub struct History {
    events: Mutex<Vec<Event>>,
    began: Instant,
}

impl Default for History {
    fn default() -> Self {
        Self { events: Mutex::default(), began: Instant::now() }
    }
}

impl History {
    fn push(&self, kind: Kind, process: Option<usize>, began: Option<usize>, what: What) -> usize {
        let mut events = self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let index = events.len();
        events.push(Event {
            kind,
            at: Timestamp(i64::try_from(wall.as_micros()).unwrap_or_default()),
            after: u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            process,
            began: began.unwrap_or(index),
            what,
        });
        index
    }

    /// Records the start of an operation; returns the index of the event.
    pub fn invoke(&self, process: usize, what: What) -> usize {
        self.push(Kind::Invoke, Some(process), None, what)
    }

    /// Records the result of the operation that started at event `began`.
    pub fn done(&self, kind: Kind, process: usize, began: usize, what: What) {
        self.push(kind, Some(process), Some(began), what);
    }

    /// Records an observation of a client, or a fault.
    pub fn note(&self, process: Option<usize>, what: What) {
        self.push(Kind::Note, process, None, what);
    }

    /// All events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// Writes a history, one JSON object a line.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &std::path::Path, events: &[Event]) -> Result<(), crate::BoxError> {
    use std::io::Write as _;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for event in events {
        serde_json::to_writer(&mut file, event)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}
