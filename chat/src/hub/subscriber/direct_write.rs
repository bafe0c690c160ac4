//! Writes to a connection without waking its task.

use bytes::Bytes;

/// Writing half that can be used past the task of its connection. Waking the task costs as much as the write where one
/// message goes to hundreds of connections. Only used while the task is idle; what the transport does not accept at
/// once is left to the task.
pub trait DirectWrite: Send + Sync {
    /// Appends a text frame in the encoding of the transport.
    fn encode(&self, text: Bytes, into: &mut Vec<u8>);
    /// Writes complete frames without blocking.
    fn write(&self, frames: &[u8]) -> WriteOutcome;
}

/// How much of a direct write the transport accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// All bytes.
    Complete,
    /// The first bytes. The writer keeps the rest and sends it before everything else; the task has to flush it.
    Partial,
    /// No bytes: the task has to write.
    Nothing,
}
