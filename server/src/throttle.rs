//! How often one address, or one name, may try.

use chat::{Limits, metric};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use protocol::ErrorBody;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

/// The counters of a server.
pub(crate) struct Throttle {
    registrations: DefaultKeyedRateLimiter<Option<IpAddr>>,
    sign_ins: DefaultKeyedRateLimiter<Option<IpAddr>>,
    sign_ins_by_name: DefaultKeyedRateLimiter<String>,
}

impl Throttle {
    pub(crate) fn new(limits: &Limits) -> Self {
        let some = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let by_minute = Quota::per_minute(some(limits.sign_ins_per_minute));
        Self {
            registrations: RateLimiter::keyed(Quota::per_hour(some(limits.registrations_per_hour))),
            sign_ins: RateLimiter::keyed(by_minute),
            sign_ins_by_name: RateLimiter::keyed(by_minute),
        }
    }

    pub(crate) fn registration(&self, address: Option<IpAddr>) -> Result<(), ErrorBody> {
        take(&self.registrations, &network(address))
            .inspect_err(|_| metric::LIMITED_REGISTRATIONS.increment(1))
    }

    /// An attempt with a password, for this name.
    pub(crate) fn sign_in(&self, address: Option<IpAddr>, name: &str) -> Result<(), ErrorBody> {
        self.attempt(address, name).inspect_err(|_| metric::LIMITED_SIGN_INS.increment(1))
    }

    fn attempt(&self, address: Option<IpAddr>, name: &str) -> Result<(), ErrorBody> {
        take(&self.sign_ins, &network(address))?;
        // Names are at most 32 characters; what is longer is nobody's, and is not kept whole.
        take(&self.sign_ins_by_name, &name.chars().take(33).flat_map(char::to_lowercase).collect())
    }

    /// An attempt to leave something here without being signed in: as seldom as attempts to sign in.
    pub(crate) fn unsigned(&self, address: Option<IpAddr>) -> Result<(), ErrorBody> {
        take(&self.sign_ins, &network(address))
    }

    /// Forgets whoever has not tried for a while.
    pub(crate) fn sweep(&self) {
        self.registrations.retain_recent();
        self.sign_ins.retain_recent();
        self.sign_ins_by_name.retain_recent();
    }
}

fn take<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), ErrorBody> {
    limiter.check_key(key).map_err(|not_until| {
        ErrorBody::rate_limited(not_until.wait_time_from(DefaultClock::default().now()).as_secs_f64())
    })
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

    #[test]
    fn a6_the_limits_hold_per_address_and_per_name() {
        let throttle = Throttle::new(&Limits { sign_ins_per_minute: 2, ..Limits::default() });
        let from = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for _ in 0..2 {
            throttle.sign_in(from("192.0.2.1"), "Anna").unwrap();
        }
        let refused = throttle.sign_in(from("192.0.2.1"), "ben").unwrap_err();
        assert!(refused.retry_after.is_some_and(|wait| wait > 0.0 && wait <= 60.0), "{refused:?}");
        assert!(throttle.sign_in(from("192.0.2.2"), "aNNA").is_err(), "the name is guarded too, in any case");
        assert!(throttle.sign_in(from("192.0.2.2"), "ben").is_ok());
        assert_eq!(network(from("2001:db8::1")), network(from("2001:db8::ffff:1")));
    }
}
