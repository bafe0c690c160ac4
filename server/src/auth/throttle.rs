//! Rate limits of sign-ins and registrations, per address and per username: on this node, and over all nodes that share a
//! Redis.

use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use chat::bus::{Bus, QuotaDecision, SharedQuota};
use chat::{Limits, metrics};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use protocol::ErrorBody;
use sha2::{Digest as _, Sha256};
use std::fmt::Display;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The rate limiters of a server.
pub(crate) struct Throttle {
    registrations: KeyedLimit<Option<IpAddr>>,
    sign_ins: KeyedLimit<Option<IpAddr>>,
    sign_ins_by_name: KeyedLimit<String>,
    bus: Arc<dyn Bus>,
}

/// A rate limit per key: a burst of `most`, refilled within `seconds`.
struct KeyedLimit<K: Hash + Eq + Clone> {
    name: &'static str,
    most: u32,
    seconds: f64,
    local: DefaultKeyedRateLimiter<K>,
}

impl<K: Hash + Eq + Clone> KeyedLimit<K> {
    fn per_minute(name: &'static str, most: NonZeroU32) -> Self {
        Self { name, most: most.get(), seconds: 60.0, local: RateLimiter::keyed(Quota::per_minute(most)) }
    }

    fn per_hour(name: &'static str, most: NonZeroU32) -> Self {
        Self { name, most: most.get(), seconds: 3_600.0, local: RateLimiter::keyed(Quota::per_hour(most)) }
    }

    /// Counts an attempt. The local limit is checked first, because it is cheap; then the one that nodes share, which is
    /// ignored while the bus is unavailable.
    async fn check(&self, bus: &dyn Bus, key: &K, display: &str) -> Result<(), ErrorBody> {
        self.local.check_key(key).map_err(|not_until| {
            ErrorBody::rate_limited(not_until.wait_time_from(DefaultClock::default().now()).as_secs_f64())
        })?;
        let burst = f64::from(self.most);
        let (per_second, key) = (burst / self.seconds, format!("{}:{}", self.name, key_digest(display)));
        let asked = SharedQuota { key, per_second, burst, amount: 1.0, already_spent: false };
        match bus.spend(&[asked]).await.as_deref() {
            Some([QuotaDecision::Wait(seconds)]) => Err(ErrorBody::rate_limited(*seconds)),
            _ => Ok(()),
        }
    }
}

impl Throttle {
    pub(crate) fn new(limits: &Limits, bus: Arc<dyn Bus>) -> Self {
        let some = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let sign_ins = some(limits.sign_ins_per_minute);
        Self {
            registrations: KeyedLimit::per_hour("registrations", some(limits.registrations_per_hour)),
            sign_ins: KeyedLimit::per_minute("sign-ins", sign_ins),
            sign_ins_by_name: KeyedLimit::per_minute("sign-ins-by-name", sign_ins),
            bus,
        }
    }

    /// Counts a registration.
    pub(crate) async fn registration(&self, address: Option<IpAddr>) -> Result<(), ErrorBody> {
        let network = network(address);
        let taken = self.registrations.check(&*self.bus, &network, &display(network)).await;
        taken.inspect_err(|_| {
            metrics::LIMITED_REGISTRATIONS.increment(1);
            AuditEvent::new(AuditAction::Register, AuditOutcome::Throttled).emit();
        })
    }

    /// Counts an attempt to sign in with this username.
    pub(crate) async fn sign_in(&self, address: Option<IpAddr>, name: &str) -> Result<(), ErrorBody> {
        self.attempt(address, name).await.inspect_err(|_| metrics::LIMITED_SIGN_INS.increment(1))
    }

    async fn attempt(&self, address: Option<IpAddr>, name: &str) -> Result<(), ErrorBody> {
        self.signed_out_form(address).await?;
        // Usernames have at most 32 characters; longer ones do not exist and are cut, to bound the key.
        let name: String = name.chars().take(33).flat_map(char::to_lowercase).collect();
        self.sign_ins_by_name.check(&*self.bus, &name, &name).await
    }

    /// Counts a form that is stored for a visitor who is not signed in, as an attempt to sign in.
    pub(crate) async fn signed_out_form(&self, address: Option<IpAddr>) -> Result<(), ErrorBody> {
        let network = network(address);
        self.sign_ins.check(&*self.bus, &network, &display(network)).await
    }

    /// Drops keys whose limit is full again.
    pub(crate) fn sweep(&self) {
        self.registrations.local.retain_recent();
        self.sign_ins.local.retain_recent();
        self.sign_ins_by_name.local.retain_recent();
    }
}

fn display<T: Display>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A digest, so that Redis holds neither usernames nor addresses, and keys are short.
fn key_digest(text: &str) -> String {
    Sha256::digest(text).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// The address that limits count by: one IPv6 network of /64 belongs to a single household or machine.
fn network(address: Option<IpAddr>) -> Option<IpAddr> {
    match address? {
        IpAddr::V6(v6) => Some(IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into())),
        v4 => Some(v4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::bus::{Local, Redis};
    use std::time::Duration;
    use tokio_util::sync::CancellationToken;

    fn from(text: &str) -> Option<IpAddr> {
        Some(text.parse::<IpAddr>().unwrap())
    }

    fn limits() -> Limits {
        Limits { sign_ins_per_minute: 2, ..Limits::default() }
    }

    #[tokio::test]
    async fn a6_the_limits_hold_per_address_and_per_name() {
        let throttle = Throttle::new(&limits(), Arc::new(Local::new()));
        for _ in 0..2 {
            throttle.sign_in(from("192.0.2.1"), "Anna").await.unwrap();
        }
        let refused = throttle.sign_in(from("192.0.2.1"), "ben").await.unwrap_err();
        assert!(refused.retry_after.is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{refused:?}");
        let guarded = throttle.sign_in(from("192.0.2.2"), "aNNA").await;
        assert!(guarded.is_err(), "the name is guarded too, in any case");
        assert!(throttle.sign_in(from("192.0.2.2"), "ben").await.is_ok());
        assert_eq!(network(from("2001:db8::1")), network(from("2001:db8::ffff:1")));
    }

    #[tokio::test]
    async fn a6_redis_makes_them_hold_over_all_nodes() {
        let server = test_servers::Redis::start().unwrap();
        let stop = CancellationToken::new();
        let mut nodes = Vec::new();
        for _ in 0..2 {
            let bus = Arc::new(Redis::start(&server.url(), "one", stop.clone()).unwrap());
            let mut link = bus.link().unwrap();
            tokio::time::timeout(Duration::from_secs(20), link.wait_for(|link| link.up))
                .await
                .unwrap()
                .unwrap();
            nodes.push(Throttle::new(&limits(), bus));
        }
        nodes[0].sign_in(from("192.0.2.1"), "anna").await.unwrap();
        nodes[1].sign_in(from("192.0.2.2"), "Anna").await.unwrap();
        for node in &nodes {
            let refused = node.sign_in(from("192.0.2.3"), "anna").await.unwrap_err();
            assert!(refused.retry_after.is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{refused:?}");
        }
        // Nothing of whom it was about can be read there.
        assert!(server.ask("KEYS *anna*").unwrap().starts_with("*0"));
        // Without it each node has its own again.
        server.pause().unwrap();
        nodes[0].sign_in(from("192.0.2.4"), "ben").await.unwrap();
        server.resume().unwrap();
        stop.cancel();
    }
}
