//! How fast one person may send: a bucket of tokens each, over all of their transports. It decides at once; where nodes
//! share a Redis they are told afterwards what was spent, and a bucket never holds more than what all of them have left.

use crate::Limits;
use crate::bus::{Bus, QuotaDecision, SharedQuota};
use crate::lock::lock;
use protocol::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
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

/// Tokens that may wait to be told of, and those told of at once.
const WAITING: usize = 4_096;
const TOGETHER: usize = 256;

/// Buckets of tokens by person.
pub(crate) struct Rates {
    shared: Arc<Shared>,
    /// To the task that tells the other nodes; none where there can be none.
    spent: Option<mpsc::Sender<(UserId, f64)>>,
}

struct Shared {
    per_second: f64,
    burst: f64,
    buckets: Mutex<Buckets>,
}

impl Rates {
    /// The task that tells other nodes ends with this.
    pub(crate) fn new(limits: &Limits, bus: Arc<dyn Bus>) -> Self {
        let mut rates = Self::with(limits.sends_per_second, f64::from(limits.send_burst));
        if bus.link().is_some() {
            let (spent, waiting) = mpsc::channel(WAITING);
            rates.spent = Some(spent);
            tokio::spawn(rates.shared.clone().tell(bus, waiting));
        }
        rates
    }

    /// A rate that is no positive number would refuse for ever, so one token an hour is the least.
    pub(crate) fn with(per_second: f64, burst: f64) -> Self {
        let least = 1.0 / 3_600.0;
        let per_second = if per_second > least { per_second } else { least };
        let buckets = Mutex::new(Buckets { of: HashMap::new(), sweep_at: SWEEP });
        Self { shared: Arc::new(Shared { per_second, burst: burst.max(1.0), buckets }), spent: None }
    }

    /// Spends a token.
    ///
    /// # Errors
    /// There is none; in so many seconds there will be.
    pub(crate) fn take(&self, user: UserId) -> Result<(), f64> {
        self.shared.take(user)?;
        self.tell(user, 1.0);
        Ok(())
    }

    /// Gives a token back: what it was spent on was free.
    pub(crate) fn refund(&self, user: UserId) {
        let Shared { burst, buckets, .. } = &*self.shared;
        if let Some(bucket) = lock(buckets).of.get_mut(&user) {
            bucket.tokens = (bucket.tokens + 1.0).min(*burst);
        }
        self.tell(user, -1.0);
    }

    fn tell(&self, user: UserId, amount: f64) {
        if let Some(spent) = &self.spent {
            // What does not fit is not counted on the other nodes.
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
        let bucket = buckets.of.entry(user).or_insert_with(|| Bucket::full(self.burst, now));
        bucket.take(self.per_second, self.burst, now)
    }

    /// Tells the other nodes what was spent here, all that queued up in one question, and hears what is left.
    async fn tell(self: Arc<Self>, bus: Arc<dyn Bus>, mut waiting: mpsc::Receiver<(UserId, f64)>) {
        let mut spent = Vec::new();
        while waiting.recv_many(&mut spent, TOGETHER).await > 0 {
            let mut sums: HashMap<UserId, f64> = HashMap::new();
            for (user, amount) in spent.drain(..) {
                *sums.entry(user).or_default() += amount;
            }
            let (users, asked): (Vec<_>, Vec<_>) =
                sums.into_iter().map(|(user, amount)| (user, self.quota(user, amount))).unzip();
            if let Some(answers) = bus.spend(&asked).await {
                self.bound(&users, &answers);
            }
        }
    }

    fn quota(&self, user: UserId, amount: f64) -> SharedQuota {
        let Self { per_second, burst, .. } = *self;
        SharedQuota { key: format!("sends:{user}"), per_second, burst, amount, already_spent: true }
    }

    fn bound(&self, users: &[UserId], answers: &[QuotaDecision]) {
        let now = Instant::now();
        let mut buckets = lock(&self.buckets);
        for (user, answer) in users.iter().zip(answers) {
            if let (Some(bucket), QuotaDecision::Granted(left)) = (buckets.of.get_mut(user), answer) {
                let tokens = bucket.filled(self.per_second, self.burst, now).min(*left);
                *bucket = Bucket { tokens, at: now };
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
        assert!(lock(&rates.shared.buckets).of.len() <= 2 * SWEEP);
    }
}
