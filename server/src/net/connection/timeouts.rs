//! Timeouts of a connection that hyper does not have: of a request head that has begun, and of a peer that reads nothing.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// Time from the first byte of a request head to its last. An idle connection lives longer: see the accept loop.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Time for which a peer may accept no byte. Longer than the 45 s after which the task of a socket notices by itself.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// The phase of a connection, which its service reports: an even number while a request head is awaited, an odd one while
/// the request is handled. After an upgrade it stays odd.
#[derive(Clone, Default)]
pub(crate) struct RequestPhase(Arc<AtomicUsize>);

impl RequestPhase {
    /// Records the begin or the end of a request.
    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of the phase, if a request head is awaited.
    fn awaited_head(&self) -> Option<usize> {
        Some(self.0.load(Ordering::Relaxed)).filter(|phase| phase % 2 == 0)
    }
}

/// The timeout of a request head. A connection that waits for one keeps no timer.
pub(super) struct HeadTimeout {
    phase: RequestPhase,
    /// The phase in which the head began, and its deadline.
    running: Option<(usize, Pin<Box<Sleep>>)>,
}

impl HeadTimeout {
    pub(super) fn new(phase: RequestPhase) -> Self {
        Self { phase, running: None }
    }

    /// Checks a read of so many bytes, or one that is pending. True if the time is over.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>, read: Poll<usize>) -> bool {
        let awaited = self.phase.awaited_head();
        self.running.take_if(|(phase, _)| Some(*phase) != awaited);
        let Some(phase) = awaited else { return false };
        match read {
            Poll::Ready(0) => false,
            Poll::Ready(_) => {
                self.running.get_or_insert_with(|| (phase, Box::pin(sleep(HEAD_TIMEOUT))));
                false
            }
            Poll::Pending => {
                self.running.as_mut().is_some_and(|(_, timer)| timer.as_mut().poll(cx).is_ready())
            }
        }
    }
}

/// The timeout of a write that makes no progress.
#[derive(Default)]
pub(super) struct WriteTimeout(Option<Pin<Box<Sleep>>>);

impl WriteTimeout {
    /// Bounds the time for which writes are pending.
    pub(super) fn bound<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.0 = None;
            return written;
        }
        let timer = self.0.get_or_insert_with(|| Box::pin(sleep(WRITE_TIMEOUT)));
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}
