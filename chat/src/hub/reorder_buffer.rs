//! Reorder buffer: delivers the frames of one conversation in order, each once.

use crate::bus::Push;
use crate::metrics;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Maximum number of frames that wait for a gap to close; further ones are read from the database with the gap.
const MAX_HELD: usize = 1_024;

/// Releases frames by their `rev`: each once, each exactly one higher than the one before.
#[derive(Default)]
pub(super) struct ReorderBuffer {
    /// The `rev` of the last released frame, or of the snapshot that the first subscriber read. Unknown at first.
    last: Option<i64>,
    held: BTreeMap<i64, Arc<Push>>,
    repairing: bool,
}

impl ReorderBuffer {
    pub(super) fn last(&self) -> Option<i64> {
        self.last
    }

    /// Takes a frame from the bus, and adds the frames that are released to `out`.
    pub(super) fn offer(&mut self, rev: i64, push: Arc<Push>, out: &mut Vec<Arc<Push>>) {
        match self.last {
            Some(last) if rev <= last => {}
            Some(last) if rev == last + 1 => {
                out.push(push);
                self.advance(rev, out);
            }
            _ => {
                if self.held.len() < MAX_HELD {
                    self.held.entry(rev).or_insert(push);
                }
            }
        }
    }

    /// Initialises the position from the counter of a snapshot, and gives the position in force. Only the first snapshot
    /// counts.
    pub(super) fn init(&mut self, counter: i64, out: &mut Vec<Arc<Push>>) -> i64 {
        match self.last {
            Some(last) => last,
            None => {
                self.advance(counter, out);
                // Not `self.last`: held frames after the counter may have been released.
                counter
            }
        }
    }

    /// True if there is a gap that nobody repairs yet; the caller then has to.
    pub(super) fn begin_repair(&mut self) -> bool {
        let begins = self.last.is_some() && !self.held.is_empty() && !self.repairing;
        self.repairing |= begins;
        if begins {
            metrics::HUB_HOLES.increment(1);
        }
        begins
    }

    /// The gap to repair: frames after the first `rev` are missing, and a read has to cover the second. `None` ends the
    /// repair.
    pub(super) fn gap(&mut self) -> Option<(i64, i64)> {
        let gap = self.last.zip(self.held.last_key_value().map(|(rev, _)| *rev));
        self.repairing = gap.is_some();
        gap
    }

    /// Takes frames from the database. They were read after everything up to `upto` was committed, so a `rev` that is
    /// neither among them nor held does not exist any more (a message that changed twice has one frame).
    pub(super) fn repair(&mut self, frames: Vec<(i64, Arc<Push>)>, upto: i64, out: &mut Vec<Arc<Push>>) {
        let Some(last) = self.last else { return };
        let upto = frames.iter().map(|(rev, _)| *rev).fold(upto.max(last), i64::max);
        for (rev, push) in frames {
            self.held.entry(rev).or_insert(push);
        }
        let later = self.held.split_off(&(upto + 1));
        let known = std::mem::replace(&mut self.held, later);
        out.extend(known.into_iter().filter(|(rev, _)| *rev > last).map(|(_, push)| push));
        self.advance(upto, out);
    }

    /// Moves the position to `rev`, and releases the held frames that follow without a gap.
    fn advance(&mut self, rev: i64, out: &mut Vec<Arc<Push>>) {
        let mut last = rev;
        while let Some(entry) = self.held.first_entry() {
            match *entry.key() {
                key if key <= last => drop(entry.remove()),
                key if key == last + 1 => {
                    out.push(entry.remove());
                    last = key;
                }
                _ => break,
            }
        }
        self.last = Some(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::{BusEvent, Topic};
    use proptest::prelude::*;
    use protocol::ConversationId;

    fn push(rev: i64) -> Arc<Push> {
        let mut push = Push::event(Topic::Conversation(ConversationId(1)), BusEvent::SignInEnded(None));
        push.rev = Some(rev);
        Arc::new(push)
    }

    fn revs(pushes: &[Arc<Push>]) -> Vec<i64> {
        pushes.iter().filter_map(|push| push.rev).collect()
    }

    #[test]
    fn f9_held_until_the_counter_is_known() {
        let (mut buffer, mut out) = (ReorderBuffer::default(), Vec::new());
        for rev in [6, 4, 5, 5] {
            buffer.offer(rev, push(rev), &mut out);
        }
        assert!(out.is_empty() && !buffer.begin_repair());
        assert_eq!(buffer.init(4, &mut out), 4);
        assert_eq!(revs(&out), [5, 6]);
        assert_eq!(buffer.init(3, &mut out), 6, "a snapshot that was read too early is detected");
    }

    #[test]
    fn f9_a_gap_is_repaired_and_superseded_revs_are_skipped() {
        let (mut buffer, mut out) = (ReorderBuffer::default(), Vec::new());
        buffer.init(1, &mut out);
        for rev in [3, 5, 9] {
            buffer.offer(rev, push(rev), &mut out);
        }
        assert!(out.is_empty() && buffer.begin_repair() && !buffer.begin_repair());
        assert_eq!(buffer.gap(), Some((1, 9)));
        // 2 and 8 were superseded by later changes; 10 arrived during the read.
        let rows = [3, 4, 5, 6, 7, 9].map(|rev| (rev, push(rev)));
        buffer.offer(10, push(10), &mut out);
        buffer.repair(rows.into(), 9, &mut out);
        assert_eq!(revs(&out), [3, 4, 5, 6, 7, 9, 10]);
        assert_eq!(buffer.gap(), None);
    }

    proptest! {
        #[test]
        fn f9_frames_are_released_once_and_in_order_whatever_the_bus_does(
            came in proptest::collection::vec(1i64..40, 0..200),
            settled_after in 0usize..50,
            base in 0i64..10,
        ) {
            let (mut buffer, mut out) = (ReorderBuffer::default(), Vec::new());
            for (n, rev) in came.iter().enumerate() {
                if n == settled_after {
                    buffer.init(base, &mut out);
                }
                buffer.offer(*rev, push(*rev), &mut out);
            }
            buffer.init(base, &mut out);
            while let Some((after, upto)) = buffer.gap() {
                buffer.repair((after + 1..=upto).map(|rev| (rev, push(rev))).collect(), upto, &mut out);
            }
            let end = came.iter().copied().max().unwrap_or(0).max(base);
            prop_assert_eq!(revs(&out), (base + 1..=end).collect::<Vec<_>>());
        }
    }
}
