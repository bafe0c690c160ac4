//! The writing half of a line, which a connection's task and whoever writes past it share: frames stay whole and in order.

use super::Writer;
use bytes::Bytes;
use chat::session::{Shortcut, Taken};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The way past a connection's task, in the extensions of its requests for those that become a socket.
#[derive(Clone)]
pub(crate) struct Way(pub(crate) Arc<dyn Shortcut>);

/// A writing half.
pub(super) struct Out<W>(Mutex<State<W>>);

struct State<W> {
    half: W,
    /// What the line did not take of what was written past the task: it goes out before all else.
    owed: Vec<u8>,
    /// The line took only the beginning of what the task wrote, so a frame may have begun.
    midway: bool,
}

impl<W: Writer> Out<W> {
    pub(super) fn new(half: W) -> Self {
        Self(Mutex::new(State { half, owed: Vec::new(), midway: false }))
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        // Each change is whole when something else panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        ready!(state.poll_owed(cx))?;
        let taken = ready!(Pin::new(&mut state.half).poll_write(cx, bytes))?;
        state.midway = taken < bytes.len();
        Poll::Ready(Ok(taken))
    }

    pub(super) fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        all: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        ready!(state.poll_owed(cx))?;
        let taken = ready!(Pin::new(&mut state.half).poll_write_vectored(cx, all))?;
        state.midway = taken < all.iter().map(|bytes| bytes.len()).sum();
        Poll::Ready(Ok(taken))
    }

    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.state();
        ready!(state.poll_owed(cx))?;
        Pin::new(&mut state.half).poll_flush(cx)
    }

    pub(super) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.state().half).poll_shutdown(cx)
    }
}

impl<W: Writer> State<W> {
    fn poll_owed(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.owed.is_empty() {
            match ready!(Pin::new(&mut self.half).poll_write(cx, &self.owed))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                taken if taken == self.owed.len() => self.owed = Vec::new(),
                taken => drop(self.owed.drain(..taken)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: Writer> Shortcut for Out<W> {
    fn frame(&self, text: Bytes, into: &mut Vec<u8>) {
        // Into memory, which takes everything.
        let _ = Frame::message(text, OpCode::Data(Data::Text), true).format(into);
    }

    fn write(&self, frames: &[u8]) -> Taken {
        let mut state = self.state();
        if state.midway || !state.owed.is_empty() {
            return Taken::Nothing;
        }
        match state.half.try_write(frames) {
            Ok(taken) if taken == frames.len() => Taken::All,
            Ok(taken @ 1..) => {
                state.owed = frames[taken..].to_vec();
                Taken::Part
            }
            // The line is full, or broken, which its task will find, too.
            Ok(0) | Err(_) => Taken::Nothing,
        }
    }
}

#[cfg(test)]
mod tests;
