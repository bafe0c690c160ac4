//! The writing half. Many frames, one flush; and never a wait without an end, so that a client that stops reading
//! holds nothing.

use super::{End, Outgoing};
use crate::hub::Line;
use crate::metric;
use crate::pace::Pace;
use futures::{Sink, SinkExt};
use protocol::CloseCode;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub(super) struct Mouth<W> {
    outgoing: W,
    line: Option<Arc<Line>>,
    pace: Pace,
    stop: CancellationToken,
}

impl<W: Sink<Outgoing> + Unpin + Send> Mouth<W> {
    pub(super) fn new(outgoing: W, pace: Pace, stop: CancellationToken) -> Self {
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
        let writing = async {
            for frame in frames {
                outgoing.feed(frame).await?;
                written += 1;
            }
            outgoing.flush().await
        };
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
        let said = tokio::select! {
            biased;
            // Whatever fails here, the other side cannot be told.
            written = writing => written.map_err(|_| End::Gone),
            () = overflow => Err(End::Close(CloseCode::FellBehind)),
            () = going_down => Err(End::Gone),
            () = tokio::time::sleep(pace.silence) => Err(End::Gone),
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
