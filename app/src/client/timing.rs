//! Timing, decided without a clock of its own: typing frames, reconnects, and polls.

use protocol::limits::{POLL_INTERVAL_MS, TYPING_EVERY_MS, TYPING_SILENCE_MS};

/// Throttle of typing frames: one at most every 3 s, and one at the end after 3 s of silence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TypingThrottle {
    told: Option<u64>,
    last: u64,
}

impl TypingThrottle {
    /// Takes a key. True: send `is_typing` now.
    pub(crate) fn pressed(&mut self, now: u64) -> bool {
        self.last = now;
        let due = self.told.is_none_or(|told| now >= told + TYPING_EVERY_MS);
        if due {
            self.told = Some(now);
        }
        due
    }

    /// Time at which silence ends it.
    #[must_use]
    pub(crate) fn silent_at(&self) -> Option<u64> {
        self.told.map(|_| self.last + TYPING_SILENCE_MS)
    }

    /// True: typing has ended by silence, send that.
    pub(crate) fn silent(&mut self, now: u64) -> bool {
        self.silent_at().is_some_and(|at| now >= at) && self.ended()
    }

    /// Takes an end of typing: sent, left or emptied. True: send that.
    pub(crate) fn ended(&mut self) -> bool {
        self.told.take().is_some()
    }
}

const BACKOFF_FIRST: u32 = 500;
/// The longest pause between two attempts at a socket, in milliseconds.
pub(crate) const BACKOFF_MOST: u32 = 30_000;

/// The pause before the next attempt, in milliseconds. Full jitter: anywhere between nothing and a bound that doubles.
pub(crate) fn backoff(failures: u32, random: f64) -> u32 {
    let bound = BACKOFF_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(BACKOFF_MOST);
    // Cannot leave 0..=bound.
    (f64::from(bound) * random.clamp(0.0, 1.0)) as u32
}

/// Time that the answer to a probe is waited for, in milliseconds. `opening`: time that the socket took to open, which is
/// several round trips and so a generous bound; on a fast network the client reconnects within 2 s.
pub(crate) fn probe_patience(opening: u64) -> u32 {
    u32::try_from(opening).unwrap_or(u32::MAX).clamp(1_000, 5_000)
}

/// Longest time that a socket may take to open, in milliseconds: a proxy may accept one and never answer.
const OPENING_MOST: u32 = 10_000;

/// Time that an attempt to open a socket is waited for, in milliseconds. `last`: time that the last socket took to open
/// (0: none has opened).
///
/// A lost packet is not answered, but a new attempt over a new connection succeeds as soon as the network is back; after
/// the longest first pause there is still time for a poll within 2 s. Every fourth attempt gets [`OPENING_MOST`], since a
/// fast network may have become slow, and the attempts after it get more time, since an overloaded server is not helped
/// by frequent attempts.
pub(crate) fn opening_patience(last: u64, attempt: u32) -> u32 {
    if last == 0 || attempt.is_multiple_of(4) {
        return OPENING_MOST;
    }
    let patience = last.saturating_mul(3).clamp(1_000, u64::from(OPENING_MOST)) << (attempt / 4).min(3);
    u32::try_from(patience).unwrap_or(OPENING_MOST).min(OPENING_MOST)
}

/// Interval of attempts while the server does not answer, in milliseconds: short while somebody watches, longer while
/// only unsent messages wait, and longest otherwise, to save the battery.
pub(crate) fn try_every(watched: bool, unsent: bool) -> u32 {
    match (watched, unsent) {
        (true, _) => 1_000,
        (false, true) => 5_000,
        (false, false) => 15_000,
    }
}

/// Whether the next poll is held, and how long to wait before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PollPace {
    cut: u32,
    failures: u32,
}

/// Held requests that were cut early, with answered ones between, before we give up holding.
const CUTS: u32 = 2;
/// A request that was held for so long was worth it, though it was cut then: there are no more of them than of those that
/// go out at an interval, and news come at once.
const WORTH_MS: u64 = POLL_INTERVAL_MS - 1_000;

impl PollPace {
    /// Hold the next request. Not after a failure: an answer at once tells a server that is away from a proxy that cuts.
    #[must_use]
    pub(crate) fn hold(&self) -> bool {
        self.failures == 0 && self.cut < CUTS
    }

    /// A request was answered. Gives the pause before the next, in milliseconds.
    pub(crate) fn answered(&mut self, held: bool) -> u32 {
        self.failures = 0;
        if held {
            self.cut = 0;
        }
        if self.cut >= CUTS { u32::try_from(POLL_INTERVAL_MS).unwrap_or(5_000) } else { 0 }
    }

    /// Makes the next request ask for an immediate answer, since the server may be away.
    pub(crate) fn doubt(&mut self) {
        self.failures = self.failures.max(1);
    }

    /// A request failed, after it was held for so long. Gives the pause before the next, in milliseconds, at most as
    /// long as [`try_every`] says.
    pub(crate) fn failed(&mut self, held: Option<u64>, most: u32, random: f64) -> u32 {
        self.failures += 1;
        if held.is_some_and(|ms| ms < WORTH_MS) {
            self.cut += 1;
        }
        let bound = most.min(250u32.saturating_mul(self.failures));
        (f64::from(bound) * (0.5 + random.clamp(0.0, 1.0) / 2.0)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t3_tells_at_most_every_three_seconds_and_once_that_it_ended() {
        let mut typing = TypingThrottle::default();
        assert!(typing.pressed(0));
        assert!(!typing.pressed(2_999));
        assert!(typing.pressed(3_000));
        assert!(!typing.silent(5_999));
        assert!(typing.silent(6_000));
        assert!(!typing.ended(), "told already");
        assert_eq!(typing.silent_at(), None);
        assert!(typing.pressed(6_001), "a new word is told at once");
        assert!(typing.ended());
    }

    #[test]
    fn p3_where_a_proxy_cuts_held_requests_an_interval_does() {
        let mut pace = PollPace::default();
        for _ in 0..CUTS {
            assert!(pace.hold());
            pace.failed(Some(1_000), 1_000, 0.0);
            assert!(!pace.hold());
            pace.answered(false);
        }
        assert!(!pace.hold());
        assert_eq!(pace.answered(false), 5_000);
    }

    #[test]
    fn p3_where_a_proxy_cuts_them_after_five_seconds_they_are_held_all_the_same() {
        let mut pace = PollPace::default();
        for _ in 0..20 {
            assert!(pace.hold());
            assert!(pace.failed(Some(5_000), 1_000, 1.0) <= 250);
            assert!(!pace.hold(), "one at once between, to tell a server that is away");
            assert_eq!(pace.answered(false), 0);
        }
    }

    #[test]
    fn p3_a_server_that_was_away_is_held_again() {
        let mut pace = PollPace::default();
        pace.failed(Some(1_000), 1_000, 1.0);
        for _ in 0..20 {
            assert!(pace.failed(None, 1_000, 1.0) <= 1_000);
        }
        assert_eq!(pace.answered(false), 0);
        assert!(pace.hold());
        assert_eq!(pace.answered(true), 0);
        assert_eq!(pace, PollPace::default());
    }

    #[test]
    fn p2_in_doubt_the_next_poll_is_not_held() {
        let mut pace = PollPace::default();
        pace.doubt();
        assert!(!pace.hold());
        assert_eq!(pace.answered(false), 0);
        assert!(pace.hold());
    }

    #[test]
    fn f11_a_quick_line_is_found_dead_in_a_second_and_a_slow_one_is_not_hurried() {
        assert_eq!(probe_patience(20), 1_000);
        assert_eq!(probe_patience(1_800), 1_800);
        assert_eq!(probe_patience(u64::MAX), 5_000);
    }

    #[test]
    fn p4_an_attempt_on_a_quick_line_is_short_and_now_and_then_a_long_one() {
        assert_eq!(opening_patience(0, 1), 10_000, "nothing is known of the line");
        assert_eq!(opening_patience(20, 1), 1_000);
        assert_eq!(opening_patience(1_200, 1), 3_600);
        assert_eq!(opening_patience(20, 5), 2_000);
        assert_eq!(opening_patience(20, 99), 8_000);
        assert_eq!(opening_patience(u64::MAX, 1), 10_000);
        let long = (1..=8).filter(|attempt| opening_patience(20, *attempt) == 10_000);
        assert_eq!(long.collect::<Vec<_>>(), [4, 8]);
    }

    #[test]
    fn p4_a_dead_line_is_tried_as_often_as_somebody_looks() {
        assert!(try_every(true, false) <= 1_000);
        assert!(try_every(false, true) < try_every(false, false));
    }

    #[test]
    fn attempts_spread_between_nothing_and_a_bound_that_doubles_to_thirty_seconds() {
        assert_eq!(backoff(1, 1.0), 500);
        assert_eq!(backoff(2, 1.0), 1_000);
        assert_eq!(backoff(7, 1.0), 30_000);
        assert_eq!(backoff(4_000_000_000, 1.0), 30_000);
        assert_eq!(backoff(9, 0.0), 0);
    }
}
