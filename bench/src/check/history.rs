//! What the clients did and were told, in the order in which it happened.

use serde::Serialize;
use std::sync::Mutex;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A message was handed to a transport for the first time.
    Invoke,
    /// It was acknowledged.
    Ok,
    /// It was refused for good.
    Fail,
    /// Its client gave up: nobody knows.
    Info,
    /// A read began.
    ReadBegan,
    /// The read that began at `about` showed a message.
    ReadSaw,
    /// A person's own read position was told to them.
    Cursor,
    /// The server was killed.
    Kill,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// What.
    pub kind: Kind,
    /// Whose doing.
    pub person: usize,
    /// The message's body, which is unique; empty where there is none.
    pub body: String,
    /// Its place, or the position told, where known.
    pub seq: Option<i64>,
    /// For [`Kind::ReadSaw`]: the index of its [`Kind::ReadBegan`].
    pub about: Option<usize>,
}

/// Collects events; their order is the order of the calls.
#[derive(Debug, Default)]
pub struct History(Mutex<Vec<Event>>);

impl History {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes an event down and gives its index.
    pub fn push(&self, event: Event) -> usize {
        let mut events = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        events.push(event);
        events.len() - 1
    }

    /// Something about a message.
    pub fn message(&self, kind: Kind, person: usize, body: &str, seq: Option<i64>) -> usize {
        self.push(Event { kind, person, body: body.to_owned(), seq, about: None })
    }

    /// Something about nobody's message.
    pub fn note(&self, kind: Kind) -> usize {
        self.message(kind, 0, "", None)
    }

    /// All events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
