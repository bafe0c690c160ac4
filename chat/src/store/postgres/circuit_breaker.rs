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
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// `None` while the database answers.
    open: Option<Open>,
    /// Whether a connection was lost since the last successful trial.
    is_suspected: bool,
    /// The last time when a connection was found dead.
    lost_at: Option<Instant>,
}

/// State while the database is away.
struct Open {
    next_trial: Instant,
    failures: u32,
}

impl CircuitBreaker {
    /// Fails unless this caller may try to connect. A trial takes at most `longest`; no other one begins meanwhile.
    pub(super) fn check(&self, longest: Duration) -> Result<()> {
        let mut state = lock(&self.state);
        let Some(open) = state.open.as_mut() else { return Ok(()) };
        let now = Instant::now();
        if now < open.next_trial {
            return Err(StoreError::Timeout("the next attempt to connect is due later"));
        }
        open.next_trial = now + longest;
        Ok(())
    }

    /// Whether a trial has to succeed before connections are used again.
    pub(super) fn needs_trial(&self) -> bool {
        let state = lock(&self.state);
        state.is_suspected || state.open.is_some()
    }

    /// Whether a connection of this age was opened before another one was found dead.
    pub(super) fn is_stale(&self, age: Duration) -> bool {
        lock(&self.state).lost_at.is_some_and(|at| at.elapsed() <= age)
    }

    /// Notes that a trial succeeded.
    pub(super) fn succeeded(&self) {
        let mut state = lock(&self.state);
        state.is_suspected = false;
        if state.open.take().is_some() {
            tracing::info!("the database is back");
        }
    }

    /// Notes that the database may be away: no connection was free in time.
    pub(super) fn suspect(&self) {
        lock(&self.state).is_suspected = true;
    }

    /// Notes that a connection was found dead: those opened before are stale.
    pub(super) fn lost(&self) {
        let mut state = lock(&self.state);
        state.is_suspected = true;
        state.lost_at = Some(Instant::now());
    }

    /// Notes that the database did not answer, or that no connection could be opened. All connections are stale.
    pub(super) fn failed(&self, error: &StoreError) {
        let mut state = lock(&self.state);
        let failures = state.open.as_ref().map_or(0, |open| open.failures);
        if failures == 0 {
            tracing::warn!(cause = %error, "the database is away");
        }
        let wait = LONGEST_WAIT.min(FIRST_WAIT * 2_u32.saturating_pow(failures.min(10)));
        let now = Instant::now();
        state.open = Some(Open { next_trial: now + wait, failures: failures.saturating_add(1) });
        state.lost_at = Some(now);
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

    #[tokio::test(start_paused = true)]
    async fn after_a_loss_older_connections_are_stale_and_a_trial_is_needed() {
        let breaker = CircuitBreaker::default();
        assert!(!breaker.needs_trial() && !breaker.is_stale(Duration::MAX));
        breaker.lost();
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(breaker.needs_trial());
        assert!(breaker.is_stale(Duration::from_secs(3)) && !breaker.is_stale(Duration::from_secs(1)));
        breaker.succeeded();
        assert!(!breaker.needs_trial());
        assert!(breaker.is_stale(Duration::from_secs(3)), "it is as dead as before");
        breaker.suspect();
        assert!(breaker.needs_trial() && !breaker.is_stale(Duration::from_secs(1)));
    }
}
