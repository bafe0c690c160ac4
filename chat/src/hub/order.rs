//! The order of one conversation's frames on one node.

use crate::bus::Push;
use crate::metric;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Frames that may wait for a hole to close; beyond, they are read from the database with the rest.
const HELD: usize = 1_024;

/// Lets frames through by their `rev`: each once, each exactly one further than the one before.
#[derive(Default)]
pub(super) struct Order {
    /// Everything up to here was let through, or was there before anybody listened. Unknown at first.
    last: Option<i64>,
    held: BTreeMap<i64, Arc<Push>>,
    filling: bool,
}

impl Order {
    pub(super) fn last(&self) -> Option<i64> {
        self.last
    }

    /// A frame came from the bus. Adds to `out` what may go on now.
    pub(super) fn offer(&mut self, rev: i64, push: Arc<Push>, out: &mut Vec<Arc<Push>>) {
        match self.last {
            Some(last) if rev <= last => {}
            Some(last) if rev == last + 1 => {
                out.push(push);
                self.advance(rev, out);
            }
            _ => {
                if self.held.len() < HELD {
                    self.held.entry(rev).or_insert(push);
                }
            }
        }
    }

    /// A snapshot says the counter. The first one counts; gives the one that is in force.
    pub(super) fn settle(&mut self, counter: i64, out: &mut Vec<Arc<Push>>) -> i64 {
        match self.last {
            Some(last) => last,
            None => {
                self.advance(counter, out);
                // More of them may have gone on.
                counter
            }
        }
    }

    /// True when there is a hole that nobody is filling yet; then the caller does.
    pub(super) fn begin_filling(&mut self) -> bool {
        let begins = self.last.is_some() && !self.held.is_empty() && !self.filling;
        self.filling |= begins;
        if begins {
            metric::HUB_HOLES.increment(1);
        }
        begins
    }

    /// What the hole's filler asks: read after the first, so that the second is covered. `None`: no hole any more, and
    /// the filler's work is done.
    pub(super) fn hole(&mut self) -> Option<(i64, i64)> {
        let hole = self.last.zip(self.held.last_key_value().map(|(rev, _)| *rev));
        self.filling = hole.is_some();
        hole
    }

    /// What the database had. It was read when everything up to `upto` was committed, so what is neither in it nor held
    /// will never come by itself (a message that changed twice is told once).
    pub(super) fn filled(&mut self, frames: Vec<(i64, Arc<Push>)>, upto: i64, out: &mut Vec<Arc<Push>>) {
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

    /// Everything up to `rev` is done; what follows it without a hole goes on too.
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
    use crate::bus::{Body, Topic};
    use proptest::prelude::*;
    use protocol::ConversationId;

    fn push(rev: i64) -> Arc<Push> {
        let mut push = Push::word(Topic::Conversation(ConversationId(1)), Body::Revoked(None));
        push.rev = Some(rev);
        Arc::new(push)
    }

    fn revs(pushes: &[Arc<Push>]) -> Vec<i64> {
        pushes.iter().filter_map(|push| push.rev).collect()
    }

    #[test]
    fn f9_held_until_the_counter_is_known() {
        let (mut order, mut out) = (Order::default(), Vec::new());
        for rev in [6, 4, 5, 5] {
            order.offer(rev, push(rev), &mut out);
        }
        assert!(out.is_empty() && !order.begin_filling());
        assert_eq!(order.settle(4, &mut out), 4);
        assert_eq!(revs(&out), [5, 6]);
        assert_eq!(order.settle(3, &mut out), 6, "who read too early is told");
    }

    #[test]
    fn f9_a_hole_is_filled_and_what_was_overtaken_is_not_waited_for() {
        let (mut order, mut out) = (Order::default(), Vec::new());
        order.settle(1, &mut out);
        for rev in [3, 5, 9] {
            order.offer(rev, push(rev), &mut out);
        }
        assert!(out.is_empty() && order.begin_filling() && !order.begin_filling());
        assert_eq!(order.hole(), Some((1, 9)));
        // 2 and 8 are told by later changes; 10 came while reading.
        let rows = [3, 4, 5, 6, 7, 9].map(|rev| (rev, push(rev)));
        order.offer(10, push(10), &mut out);
        order.filled(rows.into(), 9, &mut out);
        assert_eq!(revs(&out), [3, 4, 5, 6, 7, 9, 10]);
        assert_eq!(order.hole(), None);
    }

    proptest! {
        #[test]
        fn f9_each_once_in_order_whatever_the_bus_does(
            came in proptest::collection::vec(1i64..40, 0..200),
            settled_after in 0usize..50,
            base in 0i64..10,
        ) {
            let (mut order, mut out) = (Order::default(), Vec::new());
            for (n, rev) in came.iter().enumerate() {
                if n == settled_after {
                    order.settle(base, &mut out);
                }
                order.offer(*rev, push(*rev), &mut out);
            }
            order.settle(base, &mut out);
            while let Some((after, upto)) = order.hole() {
                order.filled((after + 1..=upto).map(|rev| (rev, push(rev))).collect(), upto, &mut out);
            }
            let end = came.iter().copied().max().unwrap_or(0).max(base);
            prop_assert_eq!(revs(&out), (base + 1..=end).collect::<Vec<_>>());
        }
    }
}
