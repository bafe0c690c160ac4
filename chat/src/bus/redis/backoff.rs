//! Exponential backoff with full jitter.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(50);
/// Chosen so that everything has caught up within five seconds of the server's return.
const MOST: Duration = Duration::from_secs(1);

pub(super) struct Backoff {
    bound: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { bound: FIRST }
    }

    pub(super) fn next(&mut self) -> Duration {
        let mut random = [0; 4];
        // Waits for the full time if there is no randomness.
        let part = getrandom::fill(&mut random).map_or(u32::MAX, |()| u32::from_ne_bytes(random));
        let wait = self.bound.mul_f64(f64::from(part) / f64::from(u32::MAX));
        self.bound = (self.bound * 2).min(MOST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_to_its_bound_and_spreads() {
        let mut backoff = Backoff::new();
        assert!(backoff.next() <= FIRST);
        let waits: Vec<_> = (0..200).map(|_| backoff.next()).collect();
        assert!(waits.iter().all(|wait| *wait <= MOST));
        assert!(waits.iter().any(|wait| *wait > MOST / 2) && waits.iter().any(|wait| *wait < MOST / 2));
    }
}
