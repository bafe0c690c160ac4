//! What a connection waits for. Pushes come often, all else seldom: a client's frames, the end of work, time, the stop. So
//! all else has a waker of its own, and a push does not look at each of them again.

use super::{Incoming, ReadFault};
use crate::bus::Push;
use crate::hub::Next;
use crate::listener::Listener;
use futures::task::AtomicWaker;
use futures::{Stream, StreamExt as _};
use protocol::ServerFrame;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::time::{Instant, Sleep};

/// Work that a client's frame led to.
pub(super) struct Handling {
    pub(super) work: Pin<Box<dyn Future<Output = Vec<ServerFrame>> + Send>>,
    pub(super) pushes: Pushes,
}

/// What becomes of pushes while work is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushes {
    /// They are written past the task: there is no answer, as a rule.
    Pass,
    /// They wake the task, so that the answer goes out in one write with what it led to.
    Wake,
    /// They wait for the answer: what is being read must not be overtaken.
    Wait,
}

/// What happened.
pub(super) enum Event {
    /// The node goes down.
    Stopped,
    /// A push did not fit into the queue.
    Fallen,
    /// The work is done.
    Replied(Vec<ServerFrame>),
    /// Something is to be passed on.
    Push(Arc<Push>),
    /// The line keeps the rest of something, to be flushed.
    Rest,
    /// The client said something, or is gone.
    Heard(Option<Result<Incoming, ReadFault>>),
    /// It is time to look what is due.
    Due,
}

/// Wakes the task of the connection, and tells what seldom happens from a push.
#[derive(Default)]
struct Seldom {
    awake: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Seldom {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.awake.store(true, Ordering::Release);
        self.task.wake();
    }
}

/// All that one connection waits for.
pub(super) struct Wait<'a, R, S, F> {
    incoming: &'a mut R,
    stopped: Pin<&'a mut S>,
    fallen: Pin<&'a mut F>,
    timer: Pin<&'a mut Sleep>,
    /// While there is some, the client is not heard: one thing after the other.
    pub(super) handling: Option<Handling>,
    seldom: Arc<Seldom>,
    waker: Waker,
    /// What came last, so that neither keeps the other from its turn.
    pushed: bool,
}

impl<'a, R, S, F> Wait<'a, R, S, F>
where
    R: Stream<Item = Result<Incoming, ReadFault>> + Unpin,
    S: Future<Output = ()>,
    F: Future<Output = ()>,
{
    pub(super) fn new(
        incoming: &'a mut R,
        stopped: Pin<&'a mut S>,
        fallen: Pin<&'a mut F>,
        timer: Pin<&'a mut Sleep>,
    ) -> Self {
        let seldom = Arc::new(Seldom { awake: AtomicBool::new(true), task: AtomicWaker::new() });
        let waker = Waker::from(seldom.clone());
        Self { incoming, stopped, fallen, timer, handling: None, seldom, waker, pushed: false }
    }

    /// The next thing that happens.
    pub(super) async fn next(&mut self, listener: &mut Listener) -> Event {
        poll_fn(|cx| {
            self.seldom.task.register(cx.waker());
            if self.pushed
                && let Poll::Ready(event) = self.all_else()
            {
                self.pushed = false;
                return Poll::Ready(event);
            }
            let pushes = self.handling.as_ref().map_or(Pushes::Pass, |handling| handling.pushes);
            if pushes != Pushes::Wait
                && let Poll::Ready(next) = listener.poll_next(cx, pushes == Pushes::Pass)
            {
                self.pushed = true;
                return Poll::Ready(match next {
                    Next::Push(push) => Event::Push(push),
                    Next::Rest => Event::Rest,
                });
            }
            self.pushed = false;
            self.all_else()
        })
        .await
    }

    /// What the work led to, if it is done already.
    pub(super) fn replied(&mut self) -> Option<Vec<ServerFrame>> {
        if !self.seldom.awake.load(Ordering::Acquire) {
            return None;
        }
        let waker = self.waker.clone();
        match self.poll_work(&mut Context::from_waker(&waker)) {
            Some(Poll::Ready(replies)) => Some(replies),
            _ => None,
        }
    }

    /// Nothing where there is no work.
    fn poll_work(&mut self, cx: &mut Context<'_>) -> Option<Poll<Vec<ServerFrame>>> {
        let polled = self.handling.as_mut()?.work.as_mut().poll(cx);
        if polled.is_ready() {
            self.handling = None;
        }
        Some(polled)
    }

    /// Looks for another time when something is due.
    pub(super) fn until(&mut self, then: Instant) {
        self.timer.as_mut().reset(then);
    }

    fn all_else(&mut self) -> Poll<Event> {
        if !self.seldom.awake.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let event = self.look(&mut Context::from_waker(&self.waker.clone()));
        if event.is_ready() {
            // What stands behind it was not asked.
            self.seldom.awake.store(true, Ordering::Release);
        }
        event
    }

    fn look(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if self.stopped.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Event::Stopped);
        }
        if self.fallen.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Event::Fallen);
        }
        match self.poll_work(cx) {
            Some(Poll::Ready(replies)) => return Poll::Ready(Event::Replied(replies)),
            Some(Poll::Pending) => {}
            None => {
                if let Poll::Ready(item) = self.incoming.poll_next_unpin(cx) {
                    return Poll::Ready(Event::Heard(item));
                }
            }
        }
        self.timer.as_mut().poll(cx).map(|()| Event::Due)
    }
}
