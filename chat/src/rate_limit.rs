//! Rate limit of sends: a token bucket per person, shared by all of their connections. It decides locally; nodes that share a
//! Redis report the spent tokens afterwards, and a bucket never holds more than what is left over all nodes.

use crate::Limits;
use crate::bus::{Bus, QuotaDecision, SharedQuota};
use crate::lock::lock;
use protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Number of buckets from which full ones are removed.
const SWEEP: usize = 1_024;

/// A token bucket, as of a time.
#[derive(Clone, Copy)]
pub(crate) struct TokenBucket {
    tokens: f64,
    at: Instant,
}

impl TokenBucket {
    pub(crate) fn full(burst: f64, now: Instant) -> Self {
        Self { tokens: burst, at: now }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// The bucket is empty; the value is the seconds until there is a token.
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
    of: HashMap<UserId, TokenBucket>,
    sweep_at: usize,
}

/// Capacity of the queue of reports to the other nodes, and the maximum number in one request.
const QUEUE: usize = 4_096;
const MAX_BATCH: usize = 256;

/// Token buckets by person.
pub(crate) struct RateLimiter {
    shared: Arc<Shared>,
    /// Reports to the other nodes; `None` if there can be none.
    spent: Option<mpsc::Sender<(UserId, f64)>>,
}

struct Shared {
    per_second: f64,
    burst: f64,
    buckets: Mutex<Buckets>,
}

impl RateLimiter {
    /// Starts the task that reports to other nodes; it ends when the limiter is dropped.
    pub(crate) fn new(limits: &Limits, bus: Arc<dyn Bus>) -> Self {
        let mut limiter = Self::with(limits.sends_per_second, f64::from(limits.send_burst));
        if bus.link().is_some() {
            let (spent, waiting) = mpsc::channel(QUEUE);
            limiter.spent = Some(spent);
            tokio::spawn(limiter.shared.clone().report_spent(bus, waiting));
        }
        limiter
    }

    /// The rate is at least one token per hour, since a bucket that never refills would refuse for ever.
    pub(crate) fn with(per_second: f64, burst: f64) -> Self {
        let least = 1.0 / 3_600.0;
        let per_second = if per_second > least { per_second } else { least };
        let buckets = Mutex::new(Buckets { of: HashMap::new(), sweep_at: SWEEP });
        Self { shared: Arc::new(Shared { per_second, burst: burst.max(1.0), buckets }), spent: None }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// There is none; the value is the seconds until there is one.
    pub(crate) fn take(&self, user: UserId) -> Result<(), f64> {
        self.shared.take(user)?;
        self.report(user, 1.0);
        Ok(())
    }

    /// Returns a token that was taken for something that costs none.
    pub(crate) fn refund(&self, user: UserId) {
        let Shared { burst, buckets, .. } = &*self.shared;
        if let Some(bucket) = lock(buckets).of.get_mut(&user) {
            bucket.tokens = (bucket.tokens + 1.0).min(*burst);
        }
        self.report(user, -1.0);
    }

    fn report(&self, user: UserId, amount: f64) {
        if let Some(spent) = &self.spent {
            // If the queue is full, the other nodes do not count it.
            let _ = spent.try_send((user, amount));
        }
    }
}

impl Shared {
    fn take(&self, user: UserId) -> Result<(), f64> {
        let now = Instant::now();
        let mut buckets = lock(&self.buckets);
        if buckets.of.len() >= buckets.sweep_at {
            buckets.of.retain(|_, bucket| bucket.filled(self.per_second, self.burst, now) < self.burst);
            buckets.sweep_at = SWEEP.max(buckets.of.len() * 2);
        }
        let bucket = buckets.of.entry(user).or_insert_with(|| TokenBucket::full(self.burst, now));
        bucket.take(self.per_second, self.burst, now)
    }

    /// Reports what was spent here, all queued reports in one request, and applies what is left over all nodes.
    async fn report_spent(self: Arc<Self>, bus: Arc<dyn Bus>, mut waiting: mpsc::Receiver<(UserId, f64)>) {
        let mut spent = Vec::new();
        while waiting.recv_many(&mut spent, MAX_BATCH).await > 0 {
            let mut sums: HashMap<UserId, f64> = HashMap::new();
            for (user, amount) in spent.drain(..) {
                *sums.entry(user).or_default() += amount;
            }
            let (users, asked): (Vec<_>, Vec<_>) =
                sums.into_iter().map(|(user, amount)| (user, self.quota(user, amount))).unzip();
            if let Some(answers) = bus.spend(&asked).await {
                self.apply(&users, &answers);
            }
        }
    }

    fn quota(&self, user: UserId, amount: f64) -> SharedQuota {
        let Self { per_second, burst, .. } = *self;
        SharedQuota { key: format!("sends:{user}"), per_second, burst, amount, already_spent: true }
    }

    fn apply(&self, users: &[UserId], answers: &[QuotaDecision]) {
        let now = Instant::now();
        let mut buckets = lock(&self.buckets);
        for (user, answer) in users.iter().zip(answers) {
            if let (Some(bucket), QuotaDecision::Granted(left)) = (buckets.of.get_mut(user), answer) {
                let tokens = bucket.filled(self.per_second, self.burst, now).min(*left);
                *bucket = TokenBucket { tokens, at: now };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn w5_a_burst_then_the_rate_and_a_refund() {
        let limiter = RateLimiter::with(5.0, 20.0);
        let me = UserId(1);
        assert!((0..20).all(|_| limiter.take(me).is_ok()));
        let wait = limiter.take(me).expect_err("empty");
        assert!((wait - 0.2).abs() < 1e-6, "{wait}");
        assert!(limiter.take(UserId(2)).is_ok(), "somebody else has a bucket of their own");
        limiter.refund(me);
        assert!(limiter.take(me).is_ok());
        tokio::time::advance(Duration::from_millis(200)).await;
        assert!(limiter.take(me).is_ok());
        assert!(limiter.take(me).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn f16_full_buckets_are_removed() {
        let limiter = RateLimiter::with(5.0, 20.0);
        for user in 0..10_000 {
            assert!(limiter.take(UserId(user)).is_ok());
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(lock(&limiter.shared.buckets).of.len() <= 2 * SWEEP);
    }
}
