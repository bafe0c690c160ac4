//! Outcome of the latest commit, for the readiness check.

use crate::lock::lock;
use crate::{Error, Result};
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// Time for which a failed commit makes the node unready, unless a later one succeeds. It is short because a node that is
/// unready may get no writes that could succeed.
const FAILURE_TTL: Duration = Duration::from_secs(3);

/// The time of the latest commit, if it failed.
#[derive(Default)]
pub(crate) struct CommitHealth {
    failed_at: Mutex<Option<Instant>>,
}

impl CommitHealth {
    /// Records the outcome of a commit.
    pub(crate) fn record<T>(&self, outcome: &Result<T>) {
        let failed_at = match outcome {
            Ok(_) => None,
            // Does not concern the state of the database.
            Err(Error::Refused(_) | Error::Unsupported(_)) => return,
            Err(Error::Unavailable(_) | Error::Internal(_)) => Some(Instant::now()),
        };
        *lock(&self.failed_at) = failed_at;
    }

    /// Whether the latest commit failed less than [`FAILURE_TTL`] ago.
    pub(crate) fn is_failing(&self) -> bool {
        lock(&self.failed_at).is_some_and(|at| at.elapsed() < FAILURE_TTL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ErrorCode;

    #[tokio::test(start_paused = true)]
    async fn a_failure_counts_until_a_success_or_for_a_while() {
        let health = CommitHealth::default();
        assert!(!health.is_failing(), "before the first commit");
        for error in [Error::Unavailable("full".into()), Error::Internal("broken".into())] {
            health.record::<()>(&Err(error));
            assert!(health.is_failing());
            health.record::<()>(&Err(ErrorCode::NotFound.into()));
            assert!(health.is_failing(), "a refusal is no success");
            health.record(&Ok(()));
            assert!(!health.is_failing(), "a success is");
        }
        for _ in 0..5 {
            health.record::<()>(&Err(Error::Unavailable("full".into())));
            tokio::time::advance(FAILURE_TTL - Duration::from_millis(1)).await;
            assert!(health.is_failing(), "as long as all fail");
        }
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!health.is_failing(), "not for ever without further writes");
        health.record::<()>(&Err(ErrorCode::NotFound.into()));
        assert!(!health.is_failing(), "a refusal is no failure");
    }
}
