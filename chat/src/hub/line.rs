//! A connection, as the hub sees it: the queue of what is to be passed on. Its task empties the queue; while that rests,
//! whoever fills it sees to it that it is written past the task.

use crate::bus::{Body, Push};
use crate::connection::{DirectWrite, WriteOutcome};
use crate::lock::lock;
use bytes::Bytes;
use protocol::{ConversationId, UserId};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;

/// Written at once past a task: so many bytes, or one frame that is longer.
const AT_ONCE: usize = 64 * 1024;
/// Room for so many pushes is kept by a queue that is empty.
const KEPT: usize = 16;

/// The bounded queue of one connection.
pub(crate) struct Line {
    /// Its number on this node.
    pub(crate) id: u64,
    /// Whose it is.
    pub(crate) user: UserId,
    /// The only conversation that it is about, if it is not about all.
    about: Option<ConversationId>,
    most: usize,
    queue: Mutex<Queue>,
    behind: AtomicBool,
    fell: Notify,
}

#[derive(Default)]
struct Queue {
    pushes: VecDeque<Arc<Push>>,
    /// The most that waited since this was last asked.
    waited: usize,
    /// The task, where it waits.
    task: Option<Waker>,
    direct_write: Option<Arc<dyn DirectWrite>>,
    /// The task wants nothing but what is queued, and that as it is: it can be written past it.
    rests: bool,
    /// Somebody is about to write what is queued.
    listed: bool,
    /// Of what was written past the task the line took only the beginning.
    owes: bool,
}

/// What a connection's task gets of its queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Something to pass on.
    Push(Arc<Push>),
    /// The line keeps the rest of something, to be flushed.
    Rest,
}

/// What was framed last, which is the same for all who get the same.
#[derive(Default)]
pub(super) struct Framed {
    of: Vec<Arc<Push>>,
    bytes: Vec<u8>,
}

impl Line {
    pub(super) fn new(id: u64, user: UserId, about: Option<ConversationId>, most: usize) -> Arc<Self> {
        let (most, queue) = (most.max(1), Mutex::default());
        let (behind, fell) = (AtomicBool::new(false), Notify::new());
        Arc::new(Self { id, user, about, most, queue, behind, fell })
    }

    /// Queues a push. One that does not fit ends the connection: a frame is never left out silently. True: it is up to the
    /// caller to [`Self::write`].
    pub(super) fn offer(&self, push: &Arc<Push>) -> bool {
        if self.has_fallen() {
            return false;
        }
        let mut queue = lock(&self.queue);
        if queue.pushes.len() >= self.most {
            drop(queue);
            self.behind.store(true, Ordering::Release);
            self.fell.notify_waiters();
            return false;
        }
        queue.pushes.push_back(push.clone());
        queue.waited = queue.waited.max(queue.pushes.len());
        if queue.rests {
            return !std::mem::replace(&mut queue.listed, true);
        }
        queue.wake();
        false
    }

    /// Writes what is queued past the task, if it rests, and leaves to it what cannot be. Gives how many frames were
    /// written.
    pub(super) fn write(&self, framed: &mut Framed) -> u64 {
        let mut queue = lock(&self.queue);
        queue.listed = false;
        let Queue { rests: true, direct_write: Some(direct_write), .. } = &*queue else { return 0 };
        let (count, size) = queue.plain();
        let concerned = || queue.pushes.iter().take(count).filter(|push| self.concerns(push.about));
        framed.fill(concerned(), size, &**direct_write);
        let taken =
            if framed.bytes.is_empty() { WriteOutcome::Complete } else { direct_write.write(&framed.bytes) };
        let mut written = 0;
        if taken != WriteOutcome::Nothing {
            queue.pushes.drain(..count);
            written = framed.of.len() as u64;
        }
        if taken != WriteOutcome::Complete || !queue.pushes.is_empty() {
            queue.rests = false;
            queue.owes = taken == WriteOutcome::Partial;
            queue.wake();
        }
        written
    }

    /// What is next for the task; `may_rest`: until there is something, it can be written past it.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>, may_rest: bool) -> Poll<Next> {
        let mut queue = lock(&self.queue);
        if std::mem::take(&mut queue.owes) {
            return Poll::Ready(Next::Rest);
        }
        if let Some(push) = queue.take() {
            return Poll::Ready(Next::Push(push));
        }
        queue.rests = may_rest && queue.direct_write.is_some();
        match &mut queue.task {
            Some(task) => task.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// The next push that is there already.
    pub(crate) fn try_next(&self) -> Option<Arc<Push>> {
        lock(&self.queue).take()
    }

    /// How many pushes wait.
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.queue).pushes.len()
    }

    /// The most that waited since this was last asked.
    pub(crate) fn waited(&self) -> usize {
        std::mem::take(&mut lock(&self.queue).waited)
    }

    /// From now on there is a way past the task.
    pub(crate) fn set_direct_write(&self, direct_write: Arc<dyn DirectWrite>) {
        lock(&self.queue).direct_write = Some(direct_write);
    }

    /// Until the task asks for what is next, nothing is written past it.
    pub(crate) fn hold(&self) {
        lock(&self.queue).rests = false;
    }

    /// Nobody will ask for anything any more.
    pub(crate) fn close(&self) {
        let last = std::mem::take(&mut *lock(&self.queue));
        // It closes the socket, perhaps: without our lock.
        drop(last);
    }

    /// On a socket of one conversation: only that one.
    pub(crate) fn concerns(&self, about: Option<ConversationId>) -> bool {
        match (self.about, about) {
            (Some(mine), Some(about)) => mine == about,
            _ => true,
        }
    }

    /// Whether a push did not fit.
    pub(crate) fn has_fallen(&self) -> bool {
        self.behind.load(Ordering::Acquire)
    }

    /// Waits for that.
    pub(crate) async fn fallen(&self) {
        loop {
            // Made before it is asked: what happens in between is not missed.
            let told = self.fell.notified();
            if self.has_fallen() {
                return;
            }
            told.await;
        }
    }
}

impl Queue {
    fn take(&mut self) -> Option<Arc<Push>> {
        let push = self.pushes.pop_front()?;
        self.rests = false;
        if self.pushes.is_empty() && self.pushes.capacity() > KEPT {
            self.pushes = VecDeque::new();
        }
        Some(push)
    }

    fn wake(&mut self) {
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }

    /// How many of the first are frames and nothing else, as far as they are written at once, and how long these are.
    fn plain(&self) -> (usize, usize) {
        let (mut count, mut size) = (0, 0);
        for push in &self.pushes {
            let Body::Frame(text) = &push.body else { break };
            if count > 0 && size + text.len() > AT_ONCE {
                break;
            }
            (count, size) = (count + 1, size + text.len());
        }
        (count, size)
    }
}

impl Framed {
    fn fill<'a>(
        &mut self,
        pushes: impl Iterator<Item = &'a Arc<Push>> + Clone,
        size: usize,
        direct_write: &dyn DirectWrite,
    ) {
        if pushes.clone().map(Arc::as_ptr).eq(self.of.iter().map(Arc::as_ptr)) {
            return;
        }
        self.of.clear();
        self.bytes.clear();
        self.bytes.reserve(size);
        for push in pushes {
            if let Body::Frame(text) = &push.body {
                direct_write.encode(Bytes::clone(text), &mut self.bytes);
                self.of.push(push.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
