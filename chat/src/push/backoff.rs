//! Repetition of pushes that a push service did not take.

use std::time::Duration;
use tokio::time::Instant;

/// The age of a message after which it is not pushed any more.
pub(super) const LONGEST: Duration = Duration::from_secs(86_400);
/// Maximum number of tries.
pub(super) const TRIES: u32 = 5;

/// The tries of one subscription.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    tries: u32,
    /// The time of the next try.
    pub(super) at: Instant,
}

impl Retry {
    /// The next try after one that failed; `None` if it is to be given up. `asked` is the time that the service asked for, `first`
    /// the time before the second try.
    pub(super) fn next(
        before: Option<Self>,
        asked: Option<Duration>,
        first: Duration,
        now: Instant,
    ) -> Option<Self> {
        let tries = before.map_or(0, |retry| retry.tries) + 1;
        let wait = asked.unwrap_or_else(|| first * 4_u32.pow(tries - 1));
        (tries < TRIES && wait <= LONGEST).then(|| Self { tries, at: now + wait })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn n1_a_push_is_tried_five_times_within_a_day() {
        let (start, first) = (Instant::now(), Duration::from_secs(30));
        let mut waits = Vec::new();
        let mut retry = Retry::next(None, None, first, start);
        while let Some(next) = retry {
            waits.push((next.at - start).as_secs());
            retry = Retry::next(Some(next), None, first, start);
        }
        assert_eq!(waits, [30, 120, 480, 1_920], "four more tries");
    }

    #[tokio::test]
    async fn n1_the_push_service_says_when() {
        let (start, first) = (Instant::now(), Duration::from_secs(30));
        let asked = |seconds| Retry::next(None, Some(Duration::from_secs(seconds)), first, start);
        assert_eq!(asked(1).unwrap().at, start + Duration::from_secs(1));
        assert_eq!(asked(3_600).unwrap().at, start + Duration::from_secs(3_600));
        assert!(asked(86_401).is_none(), "the push would be too old");
    }
}
