//! How often one address, or one name, may try: on this node, and where nodes share a Redis, over all of them.

use chat::audit::{Act, Ended, Note};
use chat::bus::{Allowance, Answer, Bus};
use chat::{Limits, metric};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use protocol::ErrorBody;
use sha2::{Digest as _, Sha256};
use std::fmt::Display;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The counters of a server.
pub(crate) struct Throttle {
    registrations: Bound<Option<IpAddr>>,
    sign_ins: Bound<Option<IpAddr>>,
    sign_ins_by_name: Bound<String>,
    bus: Arc<dyn Bus>,
}

/// One of the bounds: so many at once, and again within so many seconds.
struct Bound<K: Hash + Eq + Clone> {
    name: &'static str,
    most: u32,
    seconds: f64,
    here: DefaultKeyedRateLimiter<K>,
}

impl<K: Hash + Eq + Clone> Bound<K> {
    fn per_minute(name: &'static str, most: NonZeroU32) -> Self {
        Self { name, most: most.get(), seconds: 60.0, here: RateLimiter::keyed(Quota::per_minute(most)) }
    }

    fn per_hour(name: &'static str, most: NonZeroU32) -> Self {
        Self { name, most: most.get(), seconds: 3_600.0, here: RateLimiter::keyed(Quota::per_hour(most)) }
    }

    /// One more try of this one. First here, which costs nothing; the other nodes' tries are asked for only where this
    /// node's alone are not too many, and do not count where they cannot be asked for.
    async fn take(&self, bus: &dyn Bus, key: &K, shown: &str) -> Result<(), ErrorBody> {
        self.here.check_key(key).map_err(|not_until| {
            ErrorBody::rate_limited(not_until.wait_time_from(DefaultClock::default().now()).as_secs_f64())
        })?;
        let burst = f64::from(self.most);
        let (per_second, key) = (burst / self.seconds, format!("{}:{}", self.name, hashed(shown)));
        let asked = Allowance { key, per_second, burst, amount: 1.0, spent: false };
        match bus.spend(&[asked]).await.as_deref() {
            Some([Answer::Wait(seconds)]) => Err(ErrorBody::rate_limited(*seconds)),
            _ => Ok(()),
        }
    }
}

impl Throttle {
    pub(crate) fn new(limits: &Limits, bus: Arc<dyn Bus>) -> Self {
        let some = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let sign_ins = some(limits.sign_ins_per_minute);
        Self {
            registrations: Bound::per_hour("registrations", some(limits.registrations_per_hour)),
            sign_ins: Bound::per_minute("sign-ins", sign_ins),
            sign_ins_by_name: Bound::per_minute("sign-ins-by-name", sign_ins),
            bus,
        }
    }

    pub(crate) async fn registration(&self, address: Option<IpAddr>) -> Result<(), ErrorBody> {
        let network = network(address);
        let taken = self.registrations.take(&*self.bus, &network, &shown(network)).await;
        taken.inspect_err(|_| {
            metric::LIMITED_REGISTRATIONS.increment(1);
            Note::new(Act::Register, Ended::Throttled).tell();
        })
    }

    /// An attempt with a password, for this name.
    pub(crate) async fn sign_in(&self, address: Option<IpAddr>, name: &str) -> Result<(), ErrorBody> {
        self.attempt(address, name).await.inspect_err(|_| metric::LIMITED_SIGN_INS.increment(1))
    }

    async fn attempt(&self, address: Option<IpAddr>, name: &str) -> Result<(), ErrorBody> {
        self.unsigned(address).await?;
        // Names are at most 32 characters; what is longer is nobody's, and is not kept whole.
        let name: String = name.chars().take(33).flat_map(char::to_lowercase).collect();
        self.sign_ins_by_name.take(&*self.bus, &name, &name).await
    }

    /// An attempt to leave something here without being signed in: as seldom as attempts to sign in.
    pub(crate) async fn unsigned(&self, address: Option<IpAddr>) -> Result<(), ErrorBody> {
        let network = network(address);
        self.sign_ins.take(&*self.bus, &network, &shown(network)).await
    }

    /// Forgets whoever has not tried for a while.
    pub(crate) fn sweep(&self) {
        self.registrations.here.retain_recent();
        self.sign_ins.here.retain_recent();
        self.sign_ins_by_name.here.retain_recent();
    }
}

fn shown<T: Display>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Who looks into Redis reads neither names nor addresses, and no name makes a long key.
fn hashed(text: &str) -> String {
    Sha256::digest(text).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// A household or a machine has a whole /64 of IPv6 addresses.
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
        let server = throwaway::Redis::start().unwrap();
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
