//! The events that a connection waits for. Pushes are frequent; client frames, finished requests, timers and shutdown are
//! rare. The rare sources share a waker of their own, so that a push does not poll each of them again.

use super::{Incoming, ReadFault};
use crate::bus::Push;
use crate::connection::subscription::Subscription;
use crate::hub::Next;
use futures::task::AtomicWaker;
use futures::{Stream, StreamExt as _};
use protocol::ServerFrame;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::time::{Instant, Sleep};

/// A client frame that is being handled.
pub(super) struct Request {
    pub(super) future: Pin<Box<dyn Future<Output = Vec<ServerFrame>> + Send>>,
    pub(super) pushes: PushPolicy,
}

/// How pushes are treated while a request is in progress.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PushPolicy {
    /// Pushes may be written directly, without the task: the request usually has no reply.
    Direct,
    /// Pushes wake the task, so that the reply is written together with the push that it caused.
    Wake,
    /// Pushes wait for the reply: a snapshot that is being read must not be overtaken.
    Hold,
}

/// The next event of a connection.
pub(super) enum Event {
    /// The node shuts down.
    Stopped,
    /// The queue overflowed.
    Overflowed,
    /// The request in progress is finished.
    Replied(Vec<ServerFrame>),
    /// A push is to be delivered.
    Push(Arc<Push>),
    /// A direct write was partial; the rest is to be flushed.
    Flush,
    /// The client sent something, or the stream ended.
    Received(Option<Result<Incoming, ReadFault>>),
    /// The timer fired.
    Timer,
}

/// Waker of the rare sources: wakes the task and records that one of them is ready.
#[derive(Default)]
struct RareWaker {
    woken: AtomicBool,
    task: AtomicWaker,
}

impl Wake for RareWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.task.wake();
    }
}

/// All event sources of one connection.
pub(super) struct Select<'a, R, S, F> {
    incoming: &'a mut R,
    stopped: Pin<&'a mut S>,
    overflowed: Pin<&'a mut F>,
    timer: Pin<&'a mut Sleep>,
    /// While a request is in progress, the client is not read: requests are handled one after the other.
    pub(super) request: Option<Request>,
    rare: Arc<RareWaker>,
    waker: Waker,
    /// The last event was a push. Alternates the sources, so that neither starves the other.
    pushed: bool,
}

impl<'a, R, S, F> Select<'a, R, S, F>
where
    R: Stream<Item = Result<Incoming, ReadFault>> + Unpin,
    S: Future<Output = ()>,
    F: Future<Output = ()>,
{
    pub(super) fn new(
        incoming: &'a mut R,
        stopped: Pin<&'a mut S>,
        overflowed: Pin<&'a mut F>,
        timer: Pin<&'a mut Sleep>,
    ) -> Self {
        let rare = Arc::new(RareWaker { woken: AtomicBool::new(true), task: AtomicWaker::new() });
        let waker = Waker::from(rare.clone());
        Self { incoming, stopped, overflowed, timer, request: None, rare, waker, pushed: false }
    }

    /// Waits for the next event.
    pub(super) async fn next(&mut self, subscription: &mut Subscription) -> Event {
        poll_fn(|cx| {
            self.rare.task.register(cx.waker());
            if self.pushed
                && let Poll::Ready(event) = self.poll_rare()
            {
                self.pushed = false;
                return Poll::Ready(event);
            }
            let pushes = self.request.as_ref().map_or(PushPolicy::Direct, |request| request.pushes);
            if pushes != PushPolicy::Hold
                && let Poll::Ready(next) = subscription.poll_next(cx, pushes == PushPolicy::Direct)
            {
                self.pushed = true;
                return Poll::Ready(match next {
                    Next::Push(push) => Event::Push(push),
                    Next::Flush => Event::Flush,
                });
            }
            self.pushed = false;
            self.poll_rare()
        })
        .await
    }

    /// The replies of the request, if it is finished already.
    pub(super) fn try_replies(&mut self) -> Option<Vec<ServerFrame>> {
        if !self.rare.woken.load(Ordering::Acquire) {
            return None;
        }
        let waker = self.waker.clone();
        match self.poll_request(&mut Context::from_waker(&waker)) {
            Some(Poll::Ready(replies)) => Some(replies),
            _ => None,
        }
    }

    /// Polls the request; `None` if there is none.
    fn poll_request(&mut self, cx: &mut Context<'_>) -> Option<Poll<Vec<ServerFrame>>> {
        let polled = self.request.as_mut()?.future.as_mut().poll(cx);
        if polled.is_ready() {
            self.request = None;
        }
        Some(polled)
    }

    /// Sets the timer.
    pub(super) fn reset_timer(&mut self, deadline: Instant) {
        self.timer.as_mut().reset(deadline);
    }

    fn poll_rare(&mut self) -> Poll<Event> {
        if !self.rare.woken.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let event = self.poll_rare_sources(&mut Context::from_waker(&self.waker.clone()));
        if event.is_ready() {
            // The sources after this one were not polled.
            self.rare.woken.store(true, Ordering::Release);
        }
        event
    }

    fn poll_rare_sources(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if self.stopped.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Event::Stopped);
        }
        if self.overflowed.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Event::Overflowed);
        }
        match self.poll_request(cx) {
            Some(Poll::Ready(replies)) => return Poll::Ready(Event::Replied(replies)),
            Some(Poll::Pending) => {}
            None => {
                if let Poll::Ready(item) = self.incoming.poll_next_unpin(cx) {
                    return Poll::Ready(Event::Received(item));
                }
            }
        }
        self.timer.as_mut().poll(cx).map(|()| Event::Timer)
    }
}
