//! How fast one person may send: a bucket of tokens each, over all of their transports.

use crate::Limits;
use crate::lock::lock;
use protocol::UserId;
use std::collections::HashMap;
use std::sync::Mutex;
use tokio::time::Instant;

/// Full buckets are forgotten when there are more than so many.
const SWEEP: usize = 1_024;

/// What one person has left, as of a moment.
#[derive(Clone, Copy)]
pub(crate) struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    pub(crate) fn full(burst: f64, now: Instant) -> Self {
        Self { tokens: burst, at: now }
    }

    /// Spends a token; or says in how many seconds there will be one.
    pub(crate) fn take(&mut self, per_second: f64, burst: f64, now: Instant) -> Result<(), f64> {
        let tokens = self.filled(per_second, burst, now);
        if tokens < 1.0 {
            return Err((1.0 - tokens) / per_second);
        }
        *self = Self { tokens: tokens - 1.0, at: now };
        Ok(())
    }

    fn filled(&self, per_second: f64, burst: f64, now: Instant) -> f64 {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        (self.tokens + since * per_second).min(burst)
    }
}

struct Buckets {
    of: HashMap<UserId, Bucket>,
    sweep_at: usize,
}

/// Buckets of tokens by person.
pub(crate) struct Rates {
    per_second: f64,
    burst: f64,
    buckets: Mutex<Buckets>,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self::with(limits.sends_per_second, f64::from(limits.send_burst))
    }

    /// A rate that is no positive number would refuse for ever, so one token an hour is the least.
    pub(crate) fn with(per_second: f64, burst: f64) -> Self {
        let least = 1.0 / 3_600.0;
        let per_second = if per_second > least { per_second } else { least };
        let buckets = Mutex::new(Buckets { of: HashMap::new(), sweep_at: SWEEP });
        Self { per_second, burst: burst.max(1.0), buckets }
    }

    /// Spends a token.
    ///
    /// # Errors
    /// There is none; in so many seconds there will be.
    pub(crate) fn take(&self, user: UserId) -> Result<(), f64> {
        let now = Instant::now();
        let mut buckets = lock(&self.buckets);
        if buckets.of.len() >= buckets.sweep_at {
            buckets.of.retain(|_, bucket| bucket.filled(self.per_second, self.burst, now) < self.burst);
            buckets.sweep_at = SWEEP.max(buckets.of.len() * 2);
        }
        let bucket = buckets.of.entry(user).or_insert_with(|| Bucket::full(self.burst, now));
        bucket.take(self.per_second, self.burst, now)
    }

    /// Gives a token back: what it was spent on was free.
    pub(crate) fn refund(&self, user: UserId) {
        if let Some(bucket) = lock(&self.buckets).of.get_mut(&user) {
            bucket.tokens = (bucket.tokens + 1.0).min(self.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn w5_a_burst_then_the_rate_and_a_refund() {
        let rates = Rates::with(5.0, 20.0);
        let me = UserId(1);
        assert!((0..20).all(|_| rates.take(me).is_ok()));
        let wait = rates.take(me).expect_err("empty");
        assert!((wait - 0.2).abs() < 1e-6, "{wait}");
        assert!(rates.take(UserId(2)).is_ok(), "somebody else has a bucket of their own");
        rates.refund(me);
        assert!(rates.take(me).is_ok());
        tokio::time::advance(Duration::from_millis(200)).await;
        assert!(rates.take(me).is_ok());
        assert!(rates.take(me).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn f16_full_buckets_are_forgotten() {
        let rates = Rates::with(5.0, 20.0);
        for user in 0..10_000 {
            assert!(rates.take(UserId(user)).is_ok());
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(lock(&rates.buckets).of.len() <= 2 * SWEEP);
    }
}
