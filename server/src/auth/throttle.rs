//! Rate limits of sign-ins and registrations, per address and per username.

use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use chat::metrics;
use chat::rate_limit::{Quota, RateLimiter};
use protocol::ErrorBody;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::sync::Arc;

/// The rate limits of visitors who are not signed in.
pub(crate) struct Throttle {
    limiter: Arc<RateLimiter>,
}

impl Throttle {
    pub(crate) fn new(limiter: Arc<RateLimiter>) -> Self {
        Self { limiter }
    }

    /// Counts a registration.
    pub(crate) fn registration(&self, address: Option<IpAddr>) -> Result<(), ErrorBody> {
        self.take(Quota::Registrations, &network(address)).inspect_err(|_| {
            metrics::LIMITED_REGISTRATIONS.increment(1);
            AuditEvent::new(AuditAction::Register, AuditOutcome::Throttled).emit();
        })
    }

    /// Counts an attempt to sign in with this username.
    pub(crate) fn sign_in(&self, address: Option<IpAddr>, name: &str) -> Result<(), ErrorBody> {
        let taken = self.take(Quota::SignIns, &network(address)).and_then(|()| {
            let name: String = name.chars().flat_map(char::to_lowercase).collect();
            self.take(Quota::SignInsByName, &name)
        });
        taken.inspect_err(|_| metrics::LIMITED_SIGN_INS.increment(1))
    }

    fn take(&self, quota: Quota, owner: &str) -> Result<(), ErrorBody> {
        self.limiter.take(quota, hash(owner)).map_err(ErrorBody::rate_limited)
    }
}

/// A hash that all nodes compute alike. Other nodes hear neither usernames nor addresses.
fn hash(text: &str) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(text)[..8]);
    i64::from_be_bytes(first)
}

/// The address that limits count by: one IPv6 network of /64 belongs to a single household or machine.
fn network(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V6(v6)) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()).to_string(),
        Some(v4) => v4.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::bus::{Bus, BusEvent, Local, Redis};
    use chat::{Limits, Supervisor};
    use std::time::Duration;
    use tokio::sync::watch;
    use tokio_util::sync::CancellationToken;

    fn from(text: &str) -> Option<IpAddr> {
        Some(text.parse::<IpAddr>().unwrap())
    }

    fn limiter(bus: Arc<dyn Bus>) -> Arc<RateLimiter> {
        Arc::new(RateLimiter::new(&Limits { sign_ins_per_minute: 2, ..Limits::default() }, bus))
    }

    #[tokio::test]
    async fn a6_the_limits_hold_per_address_and_per_name() {
        let throttle = Throttle::new(limiter(Arc::new(Local::new())));
        for _ in 0..2 {
            throttle.sign_in(from("192.0.2.1"), "Anna").unwrap();
        }
        let refused = throttle.sign_in(from("192.0.2.1"), "ben").unwrap_err();
        assert!(refused.retry_after.is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{refused:?}");
        let guarded = throttle.sign_in(from("192.0.2.2"), "aNNA");
        assert!(guarded.is_err(), "the name is guarded too, in any case");
        assert!(throttle.sign_in(from("192.0.2.2"), "ben").is_ok());
        assert_eq!(network(from("2001:db8::1")), network(from("2001:db8::ffff:1")));
    }

    /// A node, and the number of tokens that other nodes reported to it.
    async fn node(url: &str, stop: &CancellationToken) -> (Throttle, watch::Receiver<u32>) {
        let bus = Arc::new(Redis::start(url, "one", &Supervisor::new(stop.clone())).unwrap());
        let (mut link, mut incoming) = (bus.link().unwrap(), bus.incoming());
        tokio::time::timeout(Duration::from_secs(20), link.wait_for(|link| link.up)).await.unwrap().unwrap();
        let limiter = limiter(bus);
        let (count, counted) = watch::channel(0);
        let theirs = Arc::clone(&limiter);
        tokio::spawn(async move {
            while let Some(pushes) = incoming.recv().await {
                for push in pushes {
                    if let BusEvent::TokensSpent(spent) = push.event {
                        theirs.on_spent(spent);
                        count.send_modify(|count| *count += 1);
                    }
                }
            }
        });
        (Throttle::new(limiter), counted)
    }

    async fn reported(counted: &mut watch::Receiver<u32>) {
        let both = counted.wait_for(|count| *count == 2);
        tokio::time::timeout(Duration::from_secs(20), both).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a6_redis_makes_them_hold_over_all_nodes() {
        let server = test_servers::Redis::start().unwrap();
        let stop = CancellationToken::new();
        let (one, mut to_one) = node(&server.url(), &stop).await;
        let (other, mut to_other) = node(&server.url(), &stop).await;
        one.sign_in(from("192.0.2.1"), "anna").unwrap();
        reported(&mut to_other).await;
        other.sign_in(from("192.0.2.2"), "Anna").unwrap();
        reported(&mut to_one).await;
        for node in [&one, &other] {
            let refused = node.sign_in(from("192.0.2.3"), "anna").unwrap_err();
            assert!(refused.retry_after.is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{refused:?}");
        }
        // Redis stores nothing, and so nobody's name.
        assert!(server.ask("KEYS *").unwrap().starts_with("*0"));
        // Without it each node has its own again.
        server.pause().unwrap();
        one.sign_in(from("192.0.2.4"), "ben").unwrap();
        server.resume().unwrap();
        stop.cancel();
    }
}
