//! The way past a connection's task.

use bytes::Bytes;

/// Writes frames to a line without waking the task of its connection, which costs as much as the writing where one message
/// goes to hundreds. Only used while that task rests; what the line does not take at once is left to it.
pub trait Shortcut: Send + Sync {
    /// Adds a text, as it goes over the line.
    fn frame(&self, text: Bytes, into: &mut Vec<u8>);
    /// Writes whole frames, without waiting.
    fn write(&self, frames: &[u8]) -> Taken;
}

/// How much a line took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All.
    All,
    /// The beginning. It keeps the rest, in front of everything that is written from now on; its task has to flush it.
    Part,
    /// Nothing: its task has to write.
    Nothing,
}
