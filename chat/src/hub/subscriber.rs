//! Write path of a connection: a bounded queue of pushes that is emptied by one writer at a time.
//!
//! Usually the connection's task writes: it takes pushes out of the queue, and sends the resulting frames. Waking a task
//! costs as much as the write itself where one message goes to hundreds of connections. So while the task is idle, the hub
//! writes to the transport directly, by [`DirectWrite`]. The [`Turn`](queue::Turn) of the queue tells which of the two may write:
//!
//! | turn | the next push is written by | ended by |
//! |---|---|---|
//! | `Task` | the task: it is awake, or the push wakes it | the task polls an empty queue and allows direct writes: `Idle` |
//! | `Idle` | the hub | a push: `FlushDue` · [`hold`](Subscriber::hold): `Task` |
//! | `FlushDue` | the hub, which is about to flush | the flush, by its outcome: all written: `Idle` · the transport is full, or a control event is next: `Task`, woken · a part was written: `PartialWrite`, woken — or the task takes a push or holds: `Task` |
//! | `PartialWrite` | the task, after the rest of the direct write | the task polls, and flushes the transport: `Task` |
//!
//! The task allows direct writes while it has nothing else to do with pushes (`PushPolicy` in
//! `connection/socket/select.rs`), and writes in `connection/socket/outbound.rs`. The threads of `hub/fanout_pool.rs` call
//! [`Subscriber::flush`]. The transport is `server/src/net/connection/shared_writer.rs`.
//!
//! Invariants, each with its tests:
//!
//! 1. **Pushes have one writer at a time.** The hub writes in `FlushDue` alone, under the lock of the queue. The task writes
//!    pushes that it took out of the queue, which ends that state. A snapshot that pushes must not overtake is read after
//!    `hold`. Other frames of the task (pings, replies) may be written at the same time; the transport keeps frames whole.
//!    *Tests: `held_pushes_are_not_written_directly`, and in `server/src/net/connection/shared_writer/tests.rs`
//!    `nothing_is_written_into_what_the_task_has_begun`.*
//! 2. **Pushes are never reordered.** Both writers take them from the front of the queue. A direct write ends before the
//!    first push that is not a frame, since that one can change what the client is to receive.
//!    *Tests: `control_pushes_and_later_frames_wait_for_the_task`, `everything_arrives_once_and_in_order`.*
//! 3. **No push is lost.** A direct write takes frames out of the queue only after the transport accepted them. Each queued
//!    push has a writer: the task, awake or woken, or the flush that is due. After a panic in a flush it is the task's turn.
//!    A push that does not fit into the queue ends the connection.
//!    *Tests: `everything_arrives_once_and_in_order`, `a_full_transport_is_left_to_the_task`,
//!    `a_panic_in_a_flush_leaves_the_queue_to_the_task`, `a_push_that_does_not_fit_ends_the_connection`.*
//! 4. **A partial write is completed before anything else.** The transport keeps the rest and sends it first; the task is
//!    woken to flush it, because only a task can wait for the transport.
//!    *Tests: `a_full_transport_is_left_to_the_task`, and in `shared_writer/tests.rs`
//!    `what_was_not_taken_goes_out_before_what_the_task_writes`.*
//! 5. **A direct write forwards only what the task would forward unchanged.** Frames about another conversation than the
//!    connection's are left out here. The other filters of the task (watermarks, ended subscriptions) pass everything
//!    while it is idle: it allows direct writes only after the watermarks are passed, and its subscriptions change only
//!    while it is awake (`Subscription::poll_next`).
//!    *Tests: `only_frames_about_its_conversation_are_written`, and in `chat/src/tests/faults.rs`
//!    `f10_a_message_between_reading_and_subscribing_comes_once`.*
//! 6. **An idle task is not woken for frames.**
//!    *Test: `frames_are_written_without_waking_an_idle_task`.*

mod direct_write;
mod encoded_batch;
mod queue;

pub use direct_write::{DirectWrite, WriteOutcome};
pub(super) use encoded_batch::EncodedBatch;

use crate::bus::Push;
use crate::lock::lock;
use crate::privacy::{Audience, Privacy};
use protocol::{ConversationId, UserId};
use queue::Queue;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::sync::Notify;

/// One connection, as the hub sees it.
pub(crate) struct Subscriber {
    /// Unique on this node.
    pub(crate) id: u64,
    /// The person that the connection belongs to.
    pub(crate) user: UserId,
    /// The single conversation that the connection is about; `None` for all.
    about: Option<ConversationId>,
    /// Maximum number of queued pushes.
    capacity: usize,
    /// The [`Privacy`] of the person.
    privacy: AtomicU8,
    queue: Mutex<Queue>,
    overflowed: AtomicBool,
    on_overflow: Notify,
}

/// The next item for a connection's task.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A push to deliver.
    Push(Arc<Push>),
    /// A direct write was partial; the rest is to be flushed.
    Flush,
}

impl Subscriber {
    pub(super) fn new(id: u64, user: UserId, about: Option<ConversationId>, capacity: usize) -> Arc<Self> {
        let (capacity, queue) = (capacity.max(1), Mutex::default());
        let (privacy, overflowed, on_overflow) = (AtomicU8::new(0), AtomicBool::new(false), Notify::new());
        Arc::new(Self { id, user, about, capacity, privacy, queue, overflowed, on_overflow })
    }

    /// Sets what the person hides, and so does not receive.
    pub(crate) fn set_privacy(&self, privacy: Privacy) {
        self.privacy.store(privacy.bits(), Ordering::Relaxed);
    }

    /// Whether the person belongs to the audience of a push.
    pub(super) fn is_in(&self, audience: Audience) -> bool {
        audience == Audience::All || Privacy::from_bits(self.privacy.load(Ordering::Relaxed)).is_in(audience)
    }

    /// Queues a push; true if the caller has to [`Self::flush`]. A push that does not fit ends the connection.
    pub(super) fn offer(&self, push: &Arc<Push>) -> bool {
        if self.has_overflowed() {
            return false;
        }
        let mut queue = lock(&self.queue);
        if queue.len() >= self.capacity {
            drop(queue);
            self.fail();
            return false;
        }
        queue.push(push.clone())
    }

    /// Writes the queued frames directly, if the task is still idle, and leaves the rest to the task. Gives the number of
    /// frames written.
    pub(super) fn flush(&self, encoded: &mut EncodedBatch) -> u64 {
        lock(&self.queue).flush(encoded, |push| self.concerns(push.about))
    }

    /// Polls for the next item. `allow_direct`: until there is one, direct writes are allowed.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>, allow_direct: bool) -> Poll<Next> {
        lock(&self.queue).poll_next(cx, allow_direct)
    }

    /// The next queued push.
    pub(crate) fn try_next(&self) -> Option<Arc<Push>> {
        lock(&self.queue).pop()
    }

    /// The number of queued pushes.
    pub(crate) fn len(&self) -> usize {
        lock(&self.queue).len()
    }

    /// The maximum number of queued pushes since the last call.
    pub(crate) fn take_peak(&self) -> usize {
        lock(&self.queue).take_peak()
    }

    /// Enables direct writes.
    pub(crate) fn set_direct_write(&self, direct_write: Arc<dyn DirectWrite>) {
        lock(&self.queue).set_direct_write(direct_write);
    }

    /// Forbids direct writes until the next [`Self::poll_next`] allows them.
    pub(crate) fn hold(&self) {
        lock(&self.queue).hold();
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

    /// Ends the connection as if a push did not fit: its client resynchronises.
    pub(super) fn fail(&self) {
        self.overflowed.store(true, Ordering::Release);
        self.on_overflow.notify_waiters();
    }

    /// Whether a push did not fit, or could not be written.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Acquire)
    }

    /// Waits until a push does not fit, or cannot be written.
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

#[cfg(test)]
mod tests;
