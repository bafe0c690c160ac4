//! How far the pushes of one person's own topic have come on this node. They need no order, so none waits for another.

use std::collections::BTreeSet;

/// Values that may be ahead of one that is missing.
const AHEAD: usize = 1_024;

#[derive(Default)]
pub(super) struct Own {
    /// Everything up to here came, or was there before anybody listened. Unknown at first.
    last: Option<i64>,
    ahead: BTreeSet<i64>,
}

impl Own {
    pub(super) fn last(&self) -> Option<i64> {
        self.last
    }

    /// What the counter was before a connection read anything. The first one counts.
    pub(super) fn settle(&mut self, counter: i64) {
        if self.last.is_none() {
            self.advance(counter);
        }
    }

    /// A push came.
    pub(super) fn offer(&mut self, rev: i64) {
        match self.last {
            Some(last) if rev <= last => {}
            Some(last) if rev == last + 1 => self.advance(rev),
            _ => {
                if self.ahead.len() < AHEAD {
                    self.ahead.insert(rev);
                }
            }
        }
    }

    /// The database is at this value. What is missing up to there will not come: gives the value after which it is.
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
    use super::Own;
    use proptest::prelude::*;

    #[test]
    fn a_hole_is_known_until_it_is_closed() {
        let mut own = Own::default();
        own.offer(3);
        assert_eq!(own.catch_up(9), None, "nothing is known yet");
        own.settle(2);
        assert_eq!(own.last(), Some(3));
        own.offer(6);
        own.offer(5);
        assert_eq!(own.catch_up(6), Some(3), "4 is missing");
        assert_eq!(own.catch_up(6), None);
        own.offer(8);
        own.offer(7);
        assert_eq!(own.last(), Some(8));
    }

    proptest! {
        #[test]
        fn f9_whatever_the_bus_does_what_is_missing_is_known(
            came in proptest::collection::vec(1i64..30, 0..80), base in 0i64..5,
        ) {
            let mut own = Own::default();
            own.settle(base);
            came.iter().for_each(|rev| own.offer(*rev));
            let whole = (base + 1..).take_while(|rev| came.contains(rev)).last().unwrap_or(base);
            prop_assert_eq!(own.last(), Some(whole));
            prop_assert_eq!(own.catch_up(40), Some(whole));
        }
    }
}
