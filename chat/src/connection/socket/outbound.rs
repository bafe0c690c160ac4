//! Outgoing half of a connection. Each batch of frames is flushed once, and every wait is bounded, so that a client that
//! stops reading holds no resources.

use super::{End, Outgoing};
use crate::hub::Subscriber;
use crate::metrics;
use crate::timings::Timings;
use futures::{Sink, SinkExt};
use protocol::CloseCode;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio_util::sync::CancellationToken;

pub(super) struct FrameWriter<'a, W> {
    outgoing: W,
    subscriber: Option<Arc<Subscriber>>,
    timings: &'a Timings,
    stop: &'a CancellationToken,
}

impl<'a, W: Sink<Outgoing> + Unpin + Send> FrameWriter<'a, W> {
    pub(super) fn new(outgoing: W, timings: &'a Timings, stop: &'a CancellationToken) -> Self {
        Self { outgoing, subscriber: None, timings, stop }
    }

    /// Aborts writes from now on when the queue of this subscriber overflows.
    pub(super) fn watch_overflow(&mut self, subscriber: Arc<Subscriber>) {
        self.subscriber = Some(subscriber);
    }

    /// Writes the frames and flushes once.
    pub(super) async fn send(&mut self, frames: impl IntoIterator<Item = Outgoing>) -> Result<(), End> {
        let Self { outgoing, subscriber, timings, stop } = self;
        let mut written = 0;
        let sent = {
            let writing = async {
                for frame in frames {
                    outgoing.feed(frame).await.map_err(|_| End::Gone)?;
                    written += 1;
                }
                // After a failed write no close frame can be sent either.
                outgoing.flush().await.map_err(|_| End::Gone)
            };
            tokio::pin!(writing);
            match futures::poll!(writing.as_mut()) {
                Poll::Ready(sent) => sent,
                // Boxed because it is rare: an idle connection does not reserve the space.
                Poll::Pending => Box::pin(send_slowly(writing, subscriber.as_deref(), timings, stop)).await,
            }
        };
        metrics::FRAMES_OUT.increment(written);
        sent
    }

    /// Sends a close frame, if the transport accepts it within `Timings::close_timeout`.
    pub(super) async fn close(&mut self, code: CloseCode) {
        let last = async {
            if self.outgoing.send(Outgoing::Close(code)).await.is_ok() {
                let _ = self.outgoing.close().await;
            }
        };
        let _ = tokio::time::timeout(self.timings.close_timeout, last).await;
    }
}

/// Waits for a write that did not complete at once, until the queue overflows, the node stops, or a timeout passes.
async fn send_slowly(
    writing: Pin<&mut impl Future<Output = Result<(), End>>>,
    subscriber: Option<&Subscriber>,
    timings: &Timings,
    stop: &CancellationToken,
) -> Result<(), End> {
    let overflow = async {
        match subscriber {
            Some(subscriber) => subscriber.overflow().await,
            None => std::future::pending().await,
        }
    };
    let shutdown = async {
        stop.cancelled().await;
        tokio::time::sleep(timings.close_timeout).await;
    };
    tokio::select! {
        biased;
        sent = writing => sent,
        () = overflow => Err(End::Close(CloseCode::FellBehind)),
        () = shutdown => Err(End::Gone),
        () = tokio::time::sleep(timings.idle_timeout) => Err(End::Gone),
    }
}
