//! What the clients did and were told, in the order in which it happened.

use protocol::{ClientId, ConversationId, Timestamp, UserId};
use serde::Serialize;
use std::sync::Mutex;
use std::time::{Instant, SystemTime};

/// What became of an operation, or that it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is asked for.
    Invoke,
    /// It was acknowledged.
    Ok,
    /// It was refused for good.
    Fail,
    /// Nobody knows.
    Info,
    /// Not an operation: something that was seen or done to the servers.
    Note,
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A message. Acknowledged: at this place.
    Send {
        /// Where.
        conversation: ConversationId,
        /// Its id.
        message: ClientId,
        /// Its text, which is unique.
        body: String,
        /// Its place.
        seq: Option<i64>,
    },
    /// A message that was acknowledged, once more.
    Repeat {
        /// Where.
        conversation: ConversationId,
        /// Its id.
        message: ClientId,
        /// The place that is told now.
        seq: Option<i64>,
    },
    /// An id of the past with another body.
    Conflict {
        /// The body, which must never be stored.
        body: String,
    },
    /// Deletion for everyone.
    Delete {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: ClientId,
    },
    /// A page of history.
    Read {
        /// Where.
        conversation: ConversationId,
        /// Messages with a `seq` below this; none: the newest.
        before: Option<i64>,
        /// What the page shows.
        shown: Vec<Shown>,
    },
    /// Marked as read up to a place.
    Mark {
        /// Where.
        conversation: ConversationId,
        /// Up to here.
        seq: i64,
    },
    /// How far one has read.
    Cursor {
        /// Where.
        conversation: ConversationId,
        /// As told.
        seq: Option<i64>,
    },
    /// Somebody is taken out of a conversation, or leaves.
    Remove {
        /// Out of which.
        conversation: ConversationId,
        /// Who.
        user: UserId,
    },
    /// A client took a new line.
    Line {
        /// To this node.
        node: usize,
        /// A socket; else polls.
        socket: bool,
    },
    /// A client was told that a conversation is no longer its person's.
    Gone {
        /// Which.
        conversation: ConversationId,
    },
    /// A client was told of a change in a conversation from which people go.
    Heard {
        /// Which.
        conversation: ConversationId,
        /// The counter.
        rev: i64,
    },
    /// A client's own cursor fell.
    Fell {
        /// Where.
        conversation: ConversationId,
        /// From.
        from: i64,
        /// To.
        to: i64,
    },
    /// What the run was drawn from.
    Seed {
        /// All chance.
        seed: u64,
        /// The command that repeats it.
        repeat: String,
    },
    /// A fault that will come, as drawn beforehand.
    Planned {
        /// In words.
        fault: String,
    },
    /// A fault begins.
    Fault {
        /// In words.
        fault: String,
    },
    /// It is mended.
    Mended {
        /// In words.
        fault: String,
    },
    /// After it was mended, every client had caught up.
    CaughtUp {
        /// In words.
        fault: String,
        /// So much later.
        milliseconds: u64,
    },
}

/// A row of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its id.
    pub message: ClientId,
    /// Its place.
    pub seq: i64,
    /// It is a deleted one's.
    pub deleted: bool,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// What became of it.
    pub kind: Kind,
    /// By the wall's clock.
    pub at: Timestamp,
    /// Microseconds since the beginning, by a clock that only grows.
    pub after: u64,
    /// Which client; none: the tester.
    pub process: Option<usize>,
    /// Where the operation began; its own line for the beginning itself.
    pub began: usize,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// Collects events; their order is the order of the calls.
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

    /// An operation of a client begins. Gives its line.
    pub fn invoke(&self, process: usize, what: What) -> usize {
        self.push(Kind::Invoke, Some(process), None, what)
    }

    /// What became of the operation that began there.
    pub fn done(&self, kind: Kind, process: usize, began: usize, what: What) {
        self.push(kind, Some(process), Some(began), what);
    }

    /// Something that a client saw, or that was done to the servers.
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
