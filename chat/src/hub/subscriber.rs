//! Subscriber with a bounded queue: a connection as the hub sees it. The connection's task empties the queue; while the
//! task is idle, the hub writes to the connection directly.

mod direct_write;

pub use direct_write::{DirectWrite, WriteOutcome};

use crate::bus::{BusEvent, Push};
use crate::lock::lock;
use bytes::Bytes;
use protocol::{ConversationId, UserId};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;

/// Maximum size of one direct write in bytes, unless a single frame is longer.
const MAX_WRITE_BYTES: usize = 64 * 1024;
/// Capacity in pushes that an empty queue keeps.
const KEPT_CAPACITY: usize = 16;

/// The bounded queue of one connection.
pub(crate) struct Subscriber {
    /// Unique on this node.
    pub(crate) id: u64,
    /// The person that the connection belongs to.
    pub(crate) user: UserId,
    /// The single conversation that the connection is about; `None` for all.
    about: Option<ConversationId>,
    capacity: usize,
    queue: Mutex<Queue>,
    overflowed: AtomicBool,
    on_overflow: Notify,
}

#[derive(Default)]
struct Queue {
    pushes: VecDeque<Arc<Push>>,
    /// The maximum length since it was last read.
    peak: usize,
    /// The waiting task.
    task: Option<Waker>,
    direct_write: Option<Arc<dyn DirectWrite>>,
    /// The task is idle and would forward the pushes unchanged, so direct writes are allowed.
    idle: bool,
    /// Somebody is about to call [`Subscriber::flush`].
    flush_scheduled: bool,
    /// A direct write was partial; the task has to flush the rest.
    needs_flush: bool,
}

/// The next item for a connection's task.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A push to deliver.
    Push(Arc<Push>),
    /// A direct write was partial; the rest is to be flushed.
    Flush,
}

/// The frames that were encoded last; they are reused for subscribers with the same pushes.
#[derive(Default)]
pub(super) struct EncodedBatch {
    pushes: Vec<Arc<Push>>,
    bytes: Vec<u8>,
}

impl Subscriber {
    pub(super) fn new(id: u64, user: UserId, about: Option<ConversationId>, capacity: usize) -> Arc<Self> {
        let (capacity, queue) = (capacity.max(1), Mutex::default());
        let (overflowed, on_overflow) = (AtomicBool::new(false), Notify::new());
        Arc::new(Self { id, user, about, capacity, queue, overflowed, on_overflow })
    }

    /// Queues a push; true if the caller has to [`Self::flush`]. A push that does not fit ends the connection: frames are
    /// never dropped silently.
    pub(super) fn offer(&self, push: &Arc<Push>) -> bool {
        if self.has_overflowed() {
            return false;
        }
        let mut queue = lock(&self.queue);
        if queue.pushes.len() >= self.capacity {
            drop(queue);
            self.overflowed.store(true, Ordering::Release);
            self.on_overflow.notify_waiters();
            return false;
        }
        queue.pushes.push_back(push.clone());
        queue.peak = queue.peak.max(queue.pushes.len());
        if queue.idle {
            return !std::mem::replace(&mut queue.flush_scheduled, true);
        }
        queue.wake();
        false
    }

    /// Writes the queued frames directly, if the task is idle, and wakes the task for the rest. Gives the number of
    /// frames written.
    pub(super) fn flush(&self, encoded: &mut EncodedBatch) -> u64 {
        let mut queue = lock(&self.queue);
        queue.flush_scheduled = false;
        let Queue { idle: true, direct_write: Some(direct_write), .. } = &*queue else { return 0 };
        let (count, size) = queue.leading_frames();
        let concerned = || queue.pushes.iter().take(count).filter(|push| self.concerns(push.about));
        encoded.fill(concerned(), size, &**direct_write);
        let outcome = if encoded.bytes.is_empty() {
            WriteOutcome::Complete
        } else {
            direct_write.write(&encoded.bytes)
        };
        let mut written = 0;
        if outcome != WriteOutcome::Nothing {
            queue.pushes.drain(..count);
            written = encoded.pushes.len() as u64;
        }
        if outcome != WriteOutcome::Complete || !queue.pushes.is_empty() {
            queue.idle = false;
            queue.needs_flush = outcome == WriteOutcome::Partial;
            queue.wake();
        }
        written
    }

    /// Polls for the next item. `allow_direct`: until there is one, direct writes are allowed.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>, allow_direct: bool) -> Poll<Next> {
        let mut queue = lock(&self.queue);
        if std::mem::take(&mut queue.needs_flush) {
            return Poll::Ready(Next::Flush);
        }
        if let Some(push) = queue.pop() {
            return Poll::Ready(Next::Push(push));
        }
        queue.idle = allow_direct && queue.direct_write.is_some();
        match &mut queue.task {
            Some(task) => task.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// The next queued push.
    pub(crate) fn try_next(&self) -> Option<Arc<Push>> {
        lock(&self.queue).pop()
    }

    /// The number of queued pushes.
    pub(crate) fn len(&self) -> usize {
        lock(&self.queue).pushes.len()
    }

    /// The maximum number of queued pushes since the last call.
    pub(crate) fn take_peak(&self) -> usize {
        std::mem::take(&mut lock(&self.queue).peak)
    }

    /// Enables direct writes.
    pub(crate) fn set_direct_write(&self, direct_write: Arc<dyn DirectWrite>) {
        lock(&self.queue).direct_write = Some(direct_write);
    }

    /// Forbids direct writes until the next [`Self::poll_next`] allows them.
    pub(crate) fn hold(&self) {
        lock(&self.queue).idle = false;
    }

    /// Drops the queue and the direct writer.
    pub(crate) fn close(&self) {
        let last = std::mem::take(&mut *lock(&self.queue));
        // May close the socket, which must not happen under the lock.
        drop(last);
    }

    /// Whether a push about this conversation is for this connection.
    pub(crate) fn concerns(&self, about: Option<ConversationId>) -> bool {
        match (self.about, about) {
            (Some(mine), Some(about)) => mine == about,
            _ => true,
        }
    }

    /// Whether a push did not fit.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Acquire)
    }

    /// Waits until a push does not fit.
    pub(crate) async fn overflow(&self) {
        loop {
            // Created before the check, so that an overflow in between is not missed.
            let notified = self.on_overflow.notified();
            if self.has_overflowed() {
                return;
            }
            notified.await;
        }
    }
}

impl Queue {
    fn pop(&mut self) -> Option<Arc<Push>> {
        let push = self.pushes.pop_front()?;
        self.idle = false;
        if self.pushes.is_empty() && self.pushes.capacity() > KEPT_CAPACITY {
            self.pushes = VecDeque::new();
        }
        Some(push)
    }

    fn wake(&mut self) {
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }

    /// The number of leading pushes that are plain frames, as far as they fit into one write, and their size in bytes.
    fn leading_frames(&self) -> (usize, usize) {
        let (mut count, mut size) = (0, 0);
        for push in &self.pushes {
            let BusEvent::Frame(text) = &push.event else { break };
            if count > 0 && size + text.len() > MAX_WRITE_BYTES {
                break;
            }
            (count, size) = (count + 1, size + text.len());
        }
        (count, size)
    }
}

impl EncodedBatch {
    fn fill<'a>(
        &mut self,
        pushes: impl Iterator<Item = &'a Arc<Push>> + Clone,
        size: usize,
        direct_write: &dyn DirectWrite,
    ) {
        if pushes.clone().map(Arc::as_ptr).eq(self.pushes.iter().map(Arc::as_ptr)) {
            return;
        }
        self.pushes.clear();
        self.bytes.clear();
        self.bytes.reserve(size);
        for push in pushes {
            if let BusEvent::Frame(text) = &push.event {
                direct_write.encode(Bytes::clone(text), &mut self.bytes);
                self.pushes.push(push.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
