//! Timeouts of a connection that hyper does not have: of a request head that has begun, and of a peer that reads nothing or too
//! slowly.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// Time from the first byte of a request head to its last. An idle connection lives longer: see the accept loop.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Time for which a peer may accept no byte. Longer than the 45 s after which the task of a socket notices by itself.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
/// Least rate at which a peer accepts responses, averaged over [`WRITE_TIMEOUT`]. It bounds the time for which a response occupies
/// memory: one of 4 MiB ends after 69 minutes.
const MIN_BYTES_PER_SECOND: u32 = 1024;

/// The phase of a connection, which its service reports: an even number while a request head is awaited, an odd one while
/// the request is handled, and [`RequestPhase::UPGRADED`].
#[derive(Clone, Default)]
pub(crate) struct RequestPhase(Arc<AtomicUsize>);

impl RequestPhase {
    /// The last phase of a connection that became a WebSocket, an odd number.
    const UPGRADED: usize = usize::MAX;

    /// Records the begin or the end of a request.
    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Records that the request was answered by an upgrade.
    pub(crate) fn upgrade(&self) {
        self.0.store(Self::UPGRADED, Ordering::Relaxed);
    }

    /// Whether the connection became a WebSocket.
    pub(super) fn is_upgraded(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::UPGRADED
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

/// The timeout of writes that make too little progress. Nothing is kept while writes are not pending, and none was slow before.
///
/// Responses have an allowance of time in which writes may be pending: at most [`WRITE_TIMEOUT`], used up while a write is pending,
/// and renewed by the bytes that are written. WebSockets, which have bounds of their own, get all of it with each progress.
pub(super) struct WriteTimeout {
    phase: RequestPhase,
    slow: Option<Box<Slow>>,
}

/// The state of a peer that has been waited for.
struct Slow {
    allowance: Allowance,
    /// Since when a write is pending, and the timer of the allowance.
    pending: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl WriteTimeout {
    pub(super) fn new(phase: RequestPhase) -> Self {
        Self { phase, slow: None }
    }

    /// Bounds the time for which writes are pending. `count`: the number of bytes in a result.
    pub(super) fn bound<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
        count: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(result) = &written {
            self.progress(result.as_ref().map_or(0, count));
            return written;
        }
        let slow =
            self.slow.get_or_insert_with(|| Box::new(Slow { allowance: Allowance::FULL, pending: None }));
        let Allowance(time) = slow.allowance;
        let (_, timer) = slow.pending.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(time))));
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }

    fn progress(&mut self, bytes: usize) {
        let Some(slow) = &mut self.slow else { return };
        let waited = slow.pending.take().map_or(Duration::ZERO, |(since, _)| since.elapsed());
        slow.allowance = slow.allowance.after(waited, bytes);
        if slow.allowance == Allowance::FULL || self.phase.is_upgraded() {
            self.slow = None;
        }
    }
}

/// The time for which writes may still be pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Allowance(Duration);

impl Allowance {
    const FULL: Self = Self(WRITE_TIMEOUT);

    /// The rest, after this time of waiting and the bytes that were written then.
    fn after(self, waited: Duration, bytes: usize) -> Self {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let renewed = Duration::from_secs(1) * bytes / MIN_BYTES_PER_SECOND;
        Self((self.0.saturating_sub(waited) + renewed).min(WRITE_TIMEOUT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds after which a peer is given up that accepts so many bytes after each such pause; `None` after an hour.
    fn lasts(bytes: usize, pause: u64) -> Option<u64> {
        let mut allowance = Allowance::FULL;
        for began in (0..3_600).step_by(usize::try_from(pause).unwrap()) {
            if allowance.0 <= Duration::from_secs(pause) {
                return Some(began + allowance.0.as_secs());
            }
            allowance = allowance.after(Duration::from_secs(pause), bytes);
        }
        None
    }

    #[test]
    fn v4_a_peer_has_to_accept_a_kilobyte_a_second_on_average() {
        assert_eq!(lasts(0, 1), Some(60));
        assert_eq!(lasts(1, 1), Some(60));
        assert_eq!(lasts(10_000, 20), Some(99), "500 bytes a second");
        assert!(lasts(1_000, 1).is_some(), "a little less than a kilobyte a second");
        assert_eq!(lasts(1_024, 1), None);
        assert_eq!(lasts(30_000, 29), None, "in larger parts");
        assert_eq!(lasts(usize::MAX, 59), None);
        assert_eq!(lasts(usize::MAX, 60), Some(60), "no part makes up for a later pause");
    }

    /// The rest of the allowance after a write of so many bytes that was pending for so many seconds; `None` if nothing is kept.
    fn rest(timeout: &mut WriteTimeout, bytes: usize, waited: u64) -> Option<Duration> {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(timeout.bound(&mut cx, Poll::<io::Result<usize>>::Pending, |&count| count).is_pending());
        let (since, _) =
            timeout.slow.as_mut().and_then(|slow| slow.pending.as_mut()).expect("a pending write");
        *since -= Duration::from_secs(waited);
        assert!(timeout.bound(&mut cx, Poll::Ready(Ok(bytes)), |&count| count).is_ready());
        timeout.slow.as_ref().map(|slow| slow.allowance.0)
    }

    #[tokio::test]
    async fn v4_responses_use_up_their_allowance_and_sockets_get_it_back_with_each_progress() {
        let phase = RequestPhase::default();
        let mut timeout = WriteTimeout::new(phase.clone());
        let about = |rest: Option<Duration>| rest.map(|rest| rest.as_secs_f64().round());
        assert_eq!(about(rest(&mut timeout, 10 * 1_024, 30)), Some(40.0));
        phase.advance();
        assert_eq!(about(rest(&mut timeout, 0, 30)), Some(10.0), "while the next request is handled");
        assert_eq!(about(rest(&mut timeout, 5 * 1_024, 5)), Some(10.0));
        assert_eq!(rest(&mut timeout, 60 * 1_024, 5), None, "made up for");
        assert_eq!(about(rest(&mut timeout, 0, 30)), Some(30.0));
        phase.upgrade();
        assert_eq!(rest(&mut timeout, 1, 20), None, "a socket");
    }
}
