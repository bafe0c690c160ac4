//! Sequence of the pushes of one person's topic on this node. Detects gaps without ordering: no push waits for another.

use std::collections::BTreeSet;

/// Maximum number of values that are remembered beyond a gap.
const MAX_AHEAD: usize = 1_024;

#[derive(Default)]
pub(super) struct UserSequence {
    /// All values up to here arrived, or were read by the first subscriber. Unknown at first.
    last: Option<i64>,
    ahead: BTreeSet<i64>,
}

impl UserSequence {
    pub(super) fn last(&self) -> Option<i64> {
        self.last
    }

    /// Initialises the position from a counter that was read before anything else. Only the first call counts.
    pub(super) fn init(&mut self, counter: i64) {
        if self.last.is_none() {
            self.advance(counter);
        }
    }

    /// Records that the push with this value arrived.
    pub(super) fn offer(&mut self, rev: i64) {
        match self.last {
            Some(last) if rev <= last => {}
            Some(last) if rev == last + 1 => self.advance(rev),
            _ => {
                if self.ahead.len() < MAX_AHEAD {
                    self.ahead.insert(rev);
                }
            }
        }
    }

    /// Moves to the counter in the database. If values up to there are missing, gives the value after which they are.
    pub(super) fn catch_up(&mut self, counter: i64) -> Option<i64> {
        let after = self.last.filter(|last| *last < counter)?;
        self.advance(counter);
        Some(after)
    }

    fn advance(&mut self, rev: i64) {
        let mut last = rev;
        while let Some(next) = self.ahead.pop_first() {
            if next > last + 1 {
                self.ahead.insert(next);
                break;
            }
            last = last.max(next);
        }
        self.last = Some(last);
    }
}

#[cfg(test)]
mod tests {
    use super::UserSequence;
    use proptest::prelude::*;

    #[test]
    fn a_gap_is_reported_once() {
        let mut sequence = UserSequence::default();
        sequence.offer(3);
        assert_eq!(sequence.catch_up(9), None, "nothing is known yet");
        sequence.init(2);
        assert_eq!(sequence.last(), Some(3));
        sequence.offer(6);
        sequence.offer(5);
        assert_eq!(sequence.catch_up(6), Some(3), "4 is missing");
        assert_eq!(sequence.catch_up(6), None);
        sequence.offer(8);
        sequence.offer(7);
        assert_eq!(sequence.last(), Some(8));
    }

    proptest! {
        #[test]
        fn f9_gaps_are_detected_whatever_the_bus_does(
            came in proptest::collection::vec(1i64..30, 0..80), base in 0i64..5,
        ) {
            let mut sequence = UserSequence::default();
            sequence.init(base);
            came.iter().for_each(|rev| sequence.offer(*rev));
            let whole = (base + 1..).take_while(|rev| came.contains(rev)).last().unwrap_or(base);
            prop_assert_eq!(sequence.last(), Some(whole));
            prop_assert_eq!(sequence.catch_up(40), Some(whole));
        }
    }
}
