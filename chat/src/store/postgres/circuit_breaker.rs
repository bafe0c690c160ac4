//! Circuit breaker for new connections. While the database is away, requests fail at once, and one at a time tries to
//! connect, so that a database that returns is not overrun.

use crate::lock::lock;
use crate::store::error::{Result, StoreError};
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// Time between the first two trials, and the longest time between two.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Shared by all pools of a database.
#[derive(Default)]
pub(super) struct CircuitBreaker {
    /// `None` while the database answers.
    open: Mutex<Option<Open>>,
}

/// State while the database is away.
struct Open {
    next_trial: Instant,
    failures: u32,
}

impl CircuitBreaker {
    /// Fails unless this caller may try to connect. A trial takes at most `longest`; no other one begins meanwhile.
    pub(super) fn check(&self, longest: Duration) -> Result<()> {
        let mut open = lock(&self.open);
        let Some(open) = open.as_mut() else { return Ok(()) };
        let now = Instant::now();
        if now < open.next_trial {
            return Err(StoreError::Timeout("the next attempt to connect is due later"));
        }
        open.next_trial = now + longest;
        Ok(())
    }

    /// Notes that a connection was opened.
    pub(super) fn succeeded(&self) {
        if lock(&self.open).take().is_some() {
            tracing::info!("the database is back");
        }
    }

    /// Notes that the database did not answer, or that no connection could be opened.
    pub(super) fn failed(&self, error: &StoreError) {
        let mut open = lock(&self.open);
        let failures = open.as_ref().map_or(0, |open| open.failures);
        if failures == 0 {
            tracing::warn!(cause = %error, "the database is away");
        }
        let wait = LONGEST_WAIT.min(FIRST_WAIT * 2_u32.saturating_pow(failures.min(10)));
        *open = Some(Open { next_trial: Instant::now() + wait, failures: failures.saturating_add(1) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIAL: Duration = Duration::from_secs(3);

    #[tokio::test(start_paused = true)]
    async fn one_caller_at_a_time_tries_less_and_less_often() {
        let breaker = CircuitBreaker::default();
        breaker.check(TRIAL).unwrap();
        breaker.check(TRIAL).unwrap();
        for wait in [50, 100, 200, 400, 800, 1_000, 1_000] {
            breaker.failed(&StoreError::Timeout("test"));
            tokio::time::advance(Duration::from_millis(wait - 1)).await;
            breaker.check(TRIAL).unwrap_err();
            tokio::time::advance(Duration::from_millis(1)).await;
            breaker.check(TRIAL).unwrap();
            breaker.check(TRIAL).unwrap_err();
        }
        // A trial that was dropped keeps others away no longer than it could have taken.
        tokio::time::advance(TRIAL).await;
        breaker.check(TRIAL).unwrap();
        breaker.succeeded();
        breaker.check(TRIAL).unwrap();
        breaker.check(TRIAL).unwrap();
    }
}
