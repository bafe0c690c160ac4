//! The writing half. Many frames, one flush; and never a wait without an end, so that a client that stops reading
//! holds nothing.

use super::{End, Outgoing};
use crate::hub::Line;
use crate::metric;
use crate::pace::Pace;
use futures::{Sink, SinkExt};
use protocol::CloseCode;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio_util::sync::CancellationToken;

pub(super) struct Mouth<'a, W> {
    outgoing: W,
    line: Option<Arc<Line>>,
    pace: &'a Pace,
    stop: &'a CancellationToken,
}

impl<'a, W: Sink<Outgoing> + Unpin + Send> Mouth<'a, W> {
    pub(super) fn new(outgoing: W, pace: &'a Pace, stop: &'a CancellationToken) -> Self {
        Self { outgoing, line: None, pace, stop }
    }

    /// From now on a write is given up when this line's queue overflows.
    pub(super) fn watch(&mut self, line: Arc<Line>) {
        self.line = Some(line);
    }

    /// Writes these, and flushes once.
    pub(super) async fn say(&mut self, frames: impl IntoIterator<Item = Outgoing>) -> Result<(), End> {
        let Self { outgoing, line, pace, stop } = self;
        let mut written = 0;
        let said = {
            let writing = async {
                for frame in frames {
                    outgoing.feed(frame).await.map_err(|_| End::Gone)?;
                    written += 1;
                }
                // Whatever fails here, the other side cannot be told.
                outgoing.flush().await.map_err(|_| End::Gone)
            };
            tokio::pin!(writing);
            match futures::poll!(writing.as_mut()) {
                Poll::Ready(said) => said,
                // Seldom: so each socket does not keep room for it.
                Poll::Pending => Box::pin(patiently(writing, line.as_deref(), pace, stop)).await,
            }
        };
        metric::FRAMES_OUT.increment(written);
        said
    }

    /// Says why it ends, if that can be said within a moment.
    pub(super) async fn farewell(&mut self, code: CloseCode) {
        let last = async {
            if self.outgoing.send(Outgoing::Close(code)).await.is_ok() {
                let _ = self.outgoing.close().await;
            }
        };
        let _ = tokio::time::timeout(self.pace.goodbye, last).await;
    }
}

/// A write that the line does not take at once: until it does, the queue overflows, or it took too long.
async fn patiently(
    writing: Pin<&mut impl Future<Output = Result<(), End>>>,
    line: Option<&Line>,
    pace: &Pace,
    stop: &CancellationToken,
) -> Result<(), End> {
    let overflow = async {
        match line {
            Some(line) => line.fallen().await,
            None => std::future::pending().await,
        }
    };
    let going_down = async {
        stop.cancelled().await;
        tokio::time::sleep(pace.goodbye).await;
    };
    tokio::select! {
        biased;
        said = writing => said,
        () = overflow => Err(End::Close(CloseCode::FellBehind)),
        () = going_down => Err(End::Gone),
        () = tokio::time::sleep(pace.silence) => Err(End::Gone),
    }
}
