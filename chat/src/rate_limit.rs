//! Rate limits that count over all nodes: token buckets by quota and key.
//!
//! Each node decides at once by its own buckets and publishes every token that it gives out; the other nodes take it from
//! theirs. So all nodes have the same buckets, except for the tokens that are on their way. While the bus is down, each node
//! counts alone.

pub use crate::bus::{Quota, TokensSpent};

use crate::Limits;
use crate::bus::{Bus, BusEvent, Push, Topic};
use crate::lock::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

/// Number of buckets from which full ones are removed.
const SWEEP: usize = 1_024;
/// Failed sign-ins from one address as any username, and as one username from any address, for each that is permitted from
/// one address as one username. A single address must not exhaust the quota of a username, else it would lock the owner out.
const SIGN_INS_FACTOR: u32 = 10;
/// Lowest rate of a quota, in tokens per second: a bucket that is never refilled would refuse for ever.
const MIN_RATE: f64 = 1.0 / 3_600.0;
/// Tokens of [`Quota::Operations`] after which a node tells the others: an event for each operation would cost more than most
/// operations do.
const OPERATIONS_PER_EVENT: i64 = 50;

/// Capacity of a bucket and how fast it is refilled.
#[derive(Clone, Copy)]
struct Rate {
    per_second: f64,
    burst: f64,
}

impl Rate {
    fn new(per_second: f64, burst: f64) -> Self {
        // Not `max`: the rate may be configured as NaN.
        let per_second = if per_second > MIN_RATE { per_second } else { MIN_RATE };
        Self { per_second, burst: burst.max(1.0) }
    }

    /// A burst of `count`, refilled within `seconds`.
    fn within(count: u32, seconds: f64) -> Self {
        let burst = f64::from(count.max(1));
        Self::new(burst / seconds, burst)
    }
}

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
        self.take_many(1.0, per_second, burst, now)
    }

    /// Takes this many tokens, but never more than the bucket holds when it is full.
    fn take_many(&mut self, count: f64, per_second: f64, burst: f64, now: Instant) -> Result<(), f64> {
        let count = count.min(burst);
        let tokens = self.filled(per_second, burst, now);
        if tokens < count {
            return Err((count - tokens) / per_second);
        }
        *self = Self { tokens: tokens - count, at: now };
        Ok(())
    }

    /// Removes tokens that were given out already. The bucket may then have a debt, of one burst at most.
    fn charge(&mut self, tokens: f64, rate: Rate, now: Instant) {
        let left = self.filled(rate.per_second, rate.burst, now) - tokens;
        *self = Self { tokens: left.clamp(-rate.burst, rate.burst), at: now };
    }

    fn filled(&self, per_second: f64, burst: f64, now: Instant) -> f64 {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        (self.tokens + since * per_second).min(burst)
    }
}

/// The state of the bucket of a quota, for clients that pace themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuotaState {
    /// The number of tokens in a full bucket.
    pub burst: f64,
    /// The time in which an empty bucket becomes full, in seconds.
    pub window: f64,
    /// The number of tokens that are left, 0 or more.
    pub left: f64,
    /// The time until the bucket is full, in seconds.
    pub full_in: f64,
}

/// A bucket, and the tokens that this node gave out since it last told the other nodes.
struct Shared {
    bucket: TokenBucket,
    unpublished: i64,
}

struct Buckets {
    of: HashMap<(Quota, i64), Shared>,
    sweep_at: usize,
}

/// Token buckets of all quotas.
pub struct RateLimiter {
    sends: Rate,
    operations: Rate,
    sign_ins: Rate,
    many_sign_ins: Rate,
    registrations: Rate,
    key_requests: Rate,
    buckets: Mutex<Buckets>,
    bus: Arc<dyn Bus>,
}

impl RateLimiter {
    /// Creates the limiter of a node. [`Self::on_spent`] has to be called for the events of the other nodes.
    #[must_use]
    pub fn new(limits: &Limits, bus: Arc<dyn Bus>) -> Self {
        Self {
            sends: Rate::new(limits.sends_per_second, f64::from(limits.send_burst)),
            operations: Rate::new(limits.operations_per_second, f64::from(limits.operation_burst)),
            sign_ins: Rate::within(limits.sign_ins_per_minute, 60.0),
            many_sign_ins: Rate::within(limits.sign_ins_per_minute.saturating_mul(SIGN_INS_FACTOR), 60.0),
            registrations: Rate::within(limits.registrations_per_hour, 3_600.0),
            key_requests: Rate::new(limits.key_requests_per_second, f64::from(limits.key_request_burst)),
            buckets: Mutex::new(Buckets { of: HashMap::new(), sweep_at: SWEEP }),
            bus,
        }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// There is none; the value is the seconds until there is one.
    pub fn take(&self, quota: Quota, key: i64) -> Result<(), f64> {
        self.take_many(quota, key, 1)
    }

    /// Takes this many tokens at once.
    ///
    /// # Errors
    /// There are fewer; the value is the seconds until there are enough.
    pub fn take_many(&self, quota: Quota, key: i64, count: u32) -> Result<(), f64> {
        let Rate { per_second, burst } = self.rate(quota);
        let per_event = if quota == Quota::Operations { OPERATIONS_PER_EVENT } else { 1 };
        let tokens = self.with_entry(quota, key, |entry, now| {
            let taken = entry.bucket.take_many(f64::from(count), per_second, burst, now);
            taken.map(|()| {
                entry.unpublished += i64::from(count);
                let due = entry.unpublished >= per_event;
                if due { std::mem::take(&mut entry.unpublished) } else { 0 }
            })
        })?;
        if tokens > 0 {
            self.publish(TokensSpent { quota, key, tokens });
        }
        Ok(())
    }

    /// Returns a token that was taken for something that costs none.
    pub fn refund(&self, quota: Quota, key: i64) {
        let returned = TokensSpent { quota, key, tokens: -1 };
        self.on_spent(returned);
        self.publish(returned);
    }

    /// Takes the tokens that another node gave out.
    pub fn on_spent(&self, TokensSpent { quota, key, tokens }: TokensSpent) {
        let rate = self.rate(quota);
        #[expect(clippy::cast_precision_loss, reason = "a bucket holds fewer than 2⁵³ tokens")]
        self.with_bucket(quota, key, |bucket, now| bucket.charge(tokens as f64, rate, now));
    }

    /// The state of a bucket.
    #[must_use]
    pub fn state(&self, quota: Quota, key: i64) -> QuotaState {
        let Rate { per_second, burst } = self.rate(quota);
        let left = self.left(quota, key);
        QuotaState {
            burst,
            window: burst / per_second,
            left: left.max(0.0),
            full_in: (burst - left) / per_second,
        }
    }

    /// The number of tokens in a bucket; below 0 if other nodes gave out more than there were.
    pub(crate) fn left(&self, quota: Quota, key: i64) -> f64 {
        let Rate { per_second, burst } = self.rate(quota);
        self.with_bucket(quota, key, |bucket, now| bucket.filled(per_second, burst, now))
    }

    fn rate(&self, quota: Quota) -> Rate {
        match quota {
            Quota::Sends => self.sends,
            Quota::Operations => self.operations,
            Quota::SignIns | Quota::PasswordChanges => self.sign_ins,
            Quota::SignInsByAddress | Quota::SignInsByName => self.many_sign_ins,
            Quota::Registrations => self.registrations,
            Quota::KeyRequests => self.key_requests,
        }
    }

    fn with_bucket<T>(
        &self,
        quota: Quota,
        key: i64,
        change: impl FnOnce(&mut TokenBucket, Instant) -> T,
    ) -> T {
        self.with_entry(quota, key, |entry, now| change(&mut entry.bucket, now))
    }

    fn with_entry<T>(&self, quota: Quota, key: i64, change: impl FnOnce(&mut Shared, Instant) -> T) -> T {
        let now = Instant::now();
        let mut buckets = lock(&self.buckets);
        if buckets.of.len() >= buckets.sweep_at {
            buckets.of.retain(|(quota, _), entry| {
                let Rate { per_second, burst } = self.rate(*quota);
                entry.bucket.filled(per_second, burst, now) < burst
            });
            buckets.sweep_at = SWEEP.max(buckets.of.len() * 2);
        }
        let full = || Shared { bucket: TokenBucket::full(self.rate(quota).burst, now), unpublished: 0 };
        change(buckets.of.entry((quota, key)).or_insert_with(full), now)
    }

    fn publish(&self, spent: TokensSpent) {
        self.bus.publish_to_nodes(vec![Push::event(Topic::Nodes, BusEvent::TokensSpent(spent))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::Local;
    use std::time::Duration;

    fn limiter() -> RateLimiter {
        RateLimiter::new(&Limits::default(), Arc::new(Local::new()))
    }

    fn take(limiter: &RateLimiter, user: i64) -> Result<(), f64> {
        limiter.take(Quota::Sends, user)
    }

    #[tokio::test(start_paused = true)]
    async fn w5_a_burst_then_the_rate_and_a_refund() {
        let limiter = limiter();
        assert!((0..20).all(|_| take(&limiter, 1).is_ok()));
        let wait = take(&limiter, 1).expect_err("empty");
        assert!((wait - 0.2).abs() < 1e-6, "{wait}");
        assert!(take(&limiter, 2).is_ok(), "somebody else has a bucket of their own");
        assert!(limiter.take(Quota::SignIns, 1).is_ok(), "so has another quota");
        limiter.refund(Quota::Sends, 1);
        assert!(take(&limiter, 1).is_ok());
        tokio::time::advance(Duration::from_millis(200)).await;
        assert!(take(&limiter, 1).is_ok());
        assert!(take(&limiter, 1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn w5_tokens_of_another_node_count_and_may_leave_a_debt() {
        let limiter = limiter();
        let spent = |tokens| TokensSpent { quota: Quota::Sends, key: 1, tokens };
        limiter.on_spent(spent(15));
        assert_eq!((0..20).filter(|_| take(&limiter, 1).is_ok()).count(), 5);
        limiter.on_spent(spent(3));
        let wait = take(&limiter, 1).expect_err("a debt");
        assert!((wait - 0.8).abs() < 1e-6, "{wait}");
        limiter.on_spent(spent(-4));
        assert!(take(&limiter, 1).is_ok(), "returned there, usable here");
        limiter.on_spent(spent(i64::MAX));
        let wait = take(&limiter, 1).expect_err("a debt");
        assert!((wait - 4.2).abs() < 1e-6, "of one burst at most: {wait}");
        limiter.on_spent(spent(i64::MIN));
        assert_eq!((0..30).filter(|_| take(&limiter, 1).is_ok()).count(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn v6_operations_cost_several_tokens_and_the_wait_is_until_there_are_enough() {
        let limits = Limits { operations_per_second: 10.0, operation_burst: 25, ..Limits::default() };
        let limiter = RateLimiter::new(&limits, Arc::new(Local::new()));
        let read = || limiter.take_many(Quota::Operations, 1, 10);
        assert!(read().is_ok() && read().is_ok());
        let wait = read().expect_err("5 are left");
        assert!((wait - 0.5).abs() < 1e-6, "{wait}");
        assert!(limiter.take_many(Quota::Operations, 1, 5).is_ok(), "something cheaper is still possible");
        tokio::time::advance(Duration::from_millis(1_000)).await;
        assert!(read().is_ok());
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(limiter.take_many(Quota::Operations, 1, 1_000).is_ok(), "a full bucket is always enough");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_that_is_no_number_still_refills() {
        let limits = Limits { sends_per_second: f64::NAN, send_burst: 0, ..Limits::default() };
        let limiter = RateLimiter::new(&limits, Arc::new(Local::new()));
        assert!(take(&limiter, 1).is_ok());
        let wait = take(&limiter, 1).expect_err("empty");
        assert!((wait - 3_600.0).abs() < 1e-6, "{wait}");
    }

    #[tokio::test(start_paused = true)]
    async fn f16_full_buckets_are_removed() {
        let limiter = limiter();
        for user in 0..10_000 {
            assert!(take(&limiter, user).is_ok());
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(lock(&limiter.buckets).of.len() <= 2 * SWEEP);
    }
}
