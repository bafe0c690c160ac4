//! Interface of transports that can be written to without waking the task of their connection.

use bytes::Bytes;

/// Writing half of a connection that other threads than its task can use. When they may is described in the module of the
/// subscriber (`hub/subscriber.rs`).
///
/// An implementation keeps frames whole: it writes nothing into a frame that has begun, and completes a partial write before
/// anything else.
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
