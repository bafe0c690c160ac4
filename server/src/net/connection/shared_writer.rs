//! The writing half of a connection, shared by its task and direct writers. Frames stay whole and in order. The write path as
//! a whole, with its invariants, is described in `chat/src/hub/subscriber.rs`.

use super::Writer;
use bytes::Bytes;
use chat::connection::{DirectWrite, WriteOutcome};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// Handle for direct writes, which the accept loop adds to the extensions of each request, for WebSocket upgrades.
#[derive(Clone)]
pub(crate) struct DirectWriter(pub(crate) Arc<dyn DirectWrite>);

/// A writing half behind a lock.
pub(super) struct SharedWriter<W>(Mutex<State<W>>);

struct State<W> {
    half: W,
    /// The rest of a direct write that the socket took in part; it is written before anything else.
    pending: Vec<u8>,
    /// The socket took only a part of the last write of the task, so a frame may be incomplete.
    mid_write: bool,
}

impl<W: Writer> SharedWriter<W> {
    pub(super) fn new(half: W) -> Self {
        Self(Mutex::new(State { half, pending: Vec::new(), mid_write: false }))
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        // No panic can leave the state half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bounds what the kernel keeps until the peer accepts it; `None` removes the bound.
    pub(super) fn bound_unsent(&self, bytes: Option<u32>) {
        self.state().half.bound_unsent(bytes);
    }

    /// Makes the end of the connection discard what is buffered for the peer.
    pub(super) fn discard_unsent(&self) {
        self.state().half.discard_unsent();
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        ready!(state.poll_pending(cx))?;
        let written = ready!(Pin::new(&mut state.half).poll_write(cx, bytes))?;
        state.mid_write = written < bytes.len();
        Poll::Ready(Ok(written))
    }

    pub(super) fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        all: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        ready!(state.poll_pending(cx))?;
        let written = ready!(Pin::new(&mut state.half).poll_write_vectored(cx, all))?;
        state.mid_write = written < all.iter().map(|bytes| bytes.len()).sum();
        Poll::Ready(Ok(written))
    }

    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.state();
        ready!(state.poll_pending(cx))?;
        Pin::new(&mut state.half).poll_flush(cx)
    }

    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.state().half).poll_shutdown(cx)
    }
}

impl<W: Writer> State<W> {
    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            match ready!(Pin::new(&mut self.half).poll_write(cx, &self.pending))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written if written == self.pending.len() => self.pending = Vec::new(),
                written => drop(self.pending.drain(..written)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: Writer> DirectWrite for SharedWriter<W> {
    fn encode(&self, text: Bytes, into: &mut Vec<u8>) {
        // Writing to a `Vec` does not fail.
        let _ = Frame::message(text, OpCode::Data(Data::Text), true).format(into);
    }

    fn write(&self, frames: &[u8]) -> WriteOutcome {
        let mut state = self.state();
        if state.mid_write || !state.pending.is_empty() {
            return WriteOutcome::Nothing;
        }
        match state.half.try_write(frames) {
            Ok(written) if written == frames.len() => WriteOutcome::Complete,
            Ok(written @ 1..) => {
                state.pending = frames[written..].to_vec();
                WriteOutcome::Partial
            }
            // The socket is full or broken; its task finds out by itself.
            Ok(0) | Err(_) => WriteOutcome::Nothing,
        }
    }
}

#[cfg(test)]
mod tests;
