//! State of a subscriber's queue. The states and their invariants are described in the [parent module](super).

use super::direct_write::{DirectWrite, WriteOutcome};
use super::{EncodedBatch, Next};
use crate::bus::{BusEvent, Push};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Maximum size of one direct write in bytes, unless a single frame is longer.
const MAX_WRITE_BYTES: usize = 64 * 1024;
/// Capacity in pushes that an empty queue keeps.
const KEPT_CAPACITY: usize = 16;

/// The queued pushes, and whose turn it is to write them.
#[derive(Default)]
pub(super) struct Queue {
    pushes: VecDeque<Arc<Push>>,
    /// The maximum length since it was last read.
    peak: usize,
    turn: Turn,
    /// The waiting task.
    task: Option<Waker>,
    direct_write: Option<Arc<dyn DirectWrite>>,
}

/// The writer whose turn it is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Turn {
    /// The task: it is awake, or is woken by the next push.
    #[default]
    Task,
    /// The hub: the task is idle and the queue is empty. The next push makes a flush due.
    Idle,
    /// The hub: somebody is about to call [`Queue::flush`].
    FlushDue,
    /// The task: it was woken to flush the rest of a partial direct write.
    PartialWrite,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.pushes.len()
    }

    pub(super) fn take_peak(&mut self) -> usize {
        std::mem::take(&mut self.peak)
    }

    pub(super) fn set_direct_write(&mut self, direct_write: Arc<dyn DirectWrite>) {
        self.direct_write = Some(direct_write);
    }

    /// Appends a push; true if the caller has to [`Self::flush`].
    pub(super) fn push(&mut self, push: Arc<Push>) -> bool {
        self.pushes.push_back(push);
        self.peak = self.peak.max(self.pushes.len());
        match self.turn {
            Turn::Idle => self.turn = Turn::FlushDue,
            Turn::FlushDue => return false,
            Turn::Task | Turn::PartialWrite => self.wake(),
        }
        self.turn == Turn::FlushDue
    }

    /// Takes the first push. The task writes it, so it is the task's turn.
    pub(super) fn pop(&mut self) -> Option<Arc<Push>> {
        let push = self.pushes.pop_front()?;
        self.hold();
        if self.pushes.is_empty() && self.pushes.capacity() > KEPT_CAPACITY {
            self.pushes = VecDeque::new();
        }
        Some(push)
    }

    /// Forbids direct writes until the next [`Self::poll_next`] allows them.
    pub(super) fn hold(&mut self) {
        if matches!(self.turn, Turn::Idle | Turn::FlushDue) {
            self.turn = Turn::Task;
        }
    }

    /// Polls for the next item. Without one the task is idle; `allow_direct` then gives the turn to the hub.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>, allow_direct: bool) -> Poll<Next> {
        if self.turn == Turn::PartialWrite {
            self.turn = Turn::Task;
            return Poll::Ready(Next::Flush);
        }
        if let Some(push) = self.pop() {
            return Poll::Ready(Next::Push(push));
        }
        self.turn = if allow_direct && self.direct_write.is_some() { Turn::Idle } else { Turn::Task };
        match &mut self.task {
            Some(task) => task.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// Writes the leading frames that are `concerned` directly, if a flush is due, and wakes the task for the rest. Gives
    /// the number of frames written.
    pub(super) fn flush(&mut self, encoded: &mut EncodedBatch, concerned: impl Fn(&Push) -> bool) -> u64 {
        if self.turn != Turn::FlushDue {
            return 0;
        }
        // Also the state after a panic below.
        self.turn = Turn::Task;
        let Some(direct_write) = &self.direct_write else { return 0 };
        let (count, size) = self.leading_frames();
        let frames = || self.pushes.iter().take(count).filter(|push| concerned(push));
        encoded.fill(frames(), size, &**direct_write);
        let outcome = match encoded.bytes() {
            [] => WriteOutcome::Complete,
            bytes => direct_write.write(bytes),
        };
        let mut written = 0;
        if outcome != WriteOutcome::Nothing {
            self.pushes.drain(..count);
            written = encoded.len();
        }
        self.turn = match outcome {
            WriteOutcome::Complete if self.pushes.is_empty() => Turn::Idle,
            WriteOutcome::Complete | WriteOutcome::Nothing => Turn::Task,
            WriteOutcome::Partial => Turn::PartialWrite,
        };
        if self.turn != Turn::Idle {
            self.wake();
        }
        written
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
