//! Rate limits of sign-ins, changes of the password and registrations.

use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use chat::metrics;
use chat::rate_limit::{Quota, RateLimiter};
use protocol::{ErrorBody, UserId};
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::sync::Arc;

/// The rate limits of registrations and of wrong passwords.
pub(crate) struct Throttle {
    limiter: Arc<RateLimiter>,
}

/// Tokens that were taken for a check of a password. They stay spent if the password is wrong, and also if the request is
/// cancelled, since guesses that run at once must not exceed the limit together.
#[must_use]
pub(crate) struct Attempt<'a> {
    limiter: &'a RateLimiter,
    taken: Vec<(Quota, i64)>,
}

impl Attempt<'_> {
    /// Returns the tokens: no wrong password was shown.
    pub(crate) fn refund(self) {
        for (quota, key) in self.taken {
            self.limiter.refund(quota, key);
        }
    }
}

impl Throttle {
    pub(crate) fn new(limiter: Arc<RateLimiter>) -> Self {
        Self { limiter }
    }

    /// Counts a registration.
    pub(crate) fn registration(&self, address: Option<IpAddr>) -> Result<(), ErrorBody> {
        self.take([(Quota::Registrations, hash(&network(address)))]).map(|_| ()).inspect_err(|_| {
            metrics::LIMITED_REGISTRATIONS.increment(1);
            AuditEvent::new(AuditAction::Register, AuditOutcome::Throttled).emit();
        })
    }

    /// Begins a sign-in from this address as this username, whose limits were lifted `unlocks` times.
    pub(crate) fn sign_in(
        &self,
        address: Option<IpAddr>,
        name: &str,
        unlocks: i64,
    ) -> Result<Attempt<'_>, ErrorBody> {
        let network = network(address);
        let name: String = name.trim().chars().flat_map(char::to_lowercase).collect();
        // Other keys after each unlocking, so that all nodes have full buckets at once.
        let name = format!("{unlocks} {name}");
        let quotas = [
            (Quota::SignIns, hash(&format!("{network} {name}"))),
            (Quota::SignInsByAddress, hash(&network)),
            (Quota::SignInsByName, hash(&name)),
        ];
        self.take(quotas).inspect_err(|_| metrics::LIMITED_SIGN_INS.increment(1))
    }

    /// Begins a change of the own password. It has a quota of its own, which failed sign-ins of strangers do not use up.
    pub(crate) fn password_change(&self, user: UserId) -> Result<Attempt<'_>, ErrorBody> {
        self.take([(Quota::PasswordChanges, user.0)])
    }

    /// Takes a token of each, or none.
    fn take<const N: usize>(&self, quotas: [(Quota, i64); N]) -> Result<Attempt<'_>, ErrorBody> {
        let mut attempt = Attempt { limiter: &self.limiter, taken: Vec::with_capacity(N) };
        for (quota, key) in quotas {
            if let Err(seconds) = self.limiter.take(quota, key) {
                attempt.refund();
                return Err(ErrorBody::rate_limited(seconds));
            }
            attempt.taken.push((quota, key));
        }
        Ok(attempt)
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
    match address.map(|address| address.to_canonical()) {
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

    /// Fails once for each attempt that is permitted, and gives the number of attempts.
    fn failures(
        throttle: &Throttle,
        attempts: u8,
        attempt: impl Fn(u8) -> (Option<IpAddr>, String),
    ) -> usize {
        let attempts = (0..attempts).map(attempt);
        attempts.filter(|(address, name)| throttle.sign_in(*address, name, 0).is_ok()).count()
    }

    #[tokio::test]
    async fn a6_v7_the_limits_hold_per_address_and_name_and_then_for_each_alone() {
        let throttle = Throttle::new(limiter(Arc::new(Local::new())));
        let network = |n: u8| from(&format!("192.0.2.{n}"));
        assert_eq!(failures(&throttle, 5, |_| (network(1), "Anna".into())), 2);
        let refused = throttle.sign_in(network(1), "aNNA", 0).err().expect("a refusal, in any case");
        assert!(refused.retry_after.is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{refused:?}");
        assert_eq!(failures(&throttle, 5, |_| (network(2), "anna".into())), 2, "the owner, elsewhere");
        assert_eq!(failures(&throttle, 5, |_| (network(1), "ben".into())), 2, "others at that address");
        assert_eq!(failures(&throttle, 100, |n| (network(1), format!("name{n}"))), 20 - 4, "per address");
        assert_eq!(failures(&throttle, 100, |n| (network(100 + n), "anna".into())), 20 - 4, "per name");
        assert!(throttle.sign_in(network(250), "anna", 0).is_err());
        assert!(throttle.sign_in(network(250), "anna", 1).is_ok(), "unlocked");
        assert!(throttle.password_change(UserId(1)).is_ok(), "apart from strangers");
        assert_eq!(super::network(from("2001:db8::1")), super::network(from("2001:db8::ffff:1")));
        assert_eq!(super::network(from("::ffff:192.0.2.1")), "192.0.2.1");
    }

    #[tokio::test]
    async fn v7_sign_ins_that_succeed_cost_nothing() {
        let throttle = Throttle::new(limiter(Arc::new(Local::new())));
        for _ in 0..100 {
            throttle.sign_in(from("192.0.2.1"), "anna", 0).unwrap().refund();
        }
        assert_eq!(failures(&throttle, 5, |_| (from("192.0.2.1"), "anna".into())), 2);
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
        // Three tokens of each attempt.
        let both = counted.wait_for(|count| *count == 3);
        tokio::time::timeout(Duration::from_secs(20), both).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a6_redis_makes_them_hold_over_all_nodes() {
        let server = test_servers::Redis::start().unwrap();
        let stop = CancellationToken::new();
        let (one, mut to_one) = node(&server.url(), &stop).await;
        let (other, mut to_other) = node(&server.url(), &stop).await;
        let _failed = one.sign_in(from("192.0.2.1"), "anna", 0).unwrap();
        reported(&mut to_other).await;
        let _failed = other.sign_in(from("192.0.2.1"), "Anna", 0).unwrap();
        reported(&mut to_one).await;
        for node in [&one, &other] {
            let refused = node.sign_in(from("192.0.2.1"), "anna", 0).err().expect("a refusal");
            assert!(refused.retry_after.is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{refused:?}");
        }
        // Redis stores nothing, and so nobody's name.
        assert!(server.ask("KEYS *").unwrap().starts_with("*0"));
        // Without it each node has its own again.
        server.pause().unwrap();
        assert!(one.sign_in(from("192.0.2.4"), "ben", 0).is_ok());
        server.resume().unwrap();
        stop.cancel();
    }
}
