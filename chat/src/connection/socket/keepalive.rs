//! Timers of an idle connection: pings, the timeout of a silent client, the expiry of its credentials.

use super::{End, Outgoing};
use crate::Clock;
use crate::account::Identity;
use crate::connection::scope::Scope;
use crate::timings::Timings;
use protocol::{CloseCode, ServerFrame, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// All deadlines of one connection, so that it needs a single timer.
pub(super) struct Keepalive<'a> {
    ping: Instant,
    json_ping: Option<Instant>,
    expiry: Option<(Timestamp, Instant)>,
    last_received: Instant,
    timings: &'a Timings,
}

impl<'a> Keepalive<'a> {
    pub(super) fn new(who: &Identity, scope: Scope, now: Timestamp, timings: &'a Timings) -> Self {
        let start = Instant::now();
        let expiry = who.expires_at.map(|at| (at, start + until(at, now)));
        let json_ping = matches!(scope, Scope::One(_)).then(|| start + timings.json_ping_interval);
        Self { ping: start + timings.ping_interval, json_ping, expiry, last_received: start, timings }
    }

    /// Records that the client sent something.
    pub(super) fn on_received(&mut self) {
        self.last_received = Instant::now();
    }

    /// The earliest deadline.
    pub(super) fn next_deadline(&self) -> Instant {
        let silent = self.last_received + self.timings.idle_timeout;
        [self.json_ping, self.expiry.map(|(_, at)| at)]
            .into_iter()
            .flatten()
            .fold(self.ping.min(silent), Instant::min)
    }

    /// Gives the pings that are due.
    ///
    /// # Errors
    /// The client was silent for too long, or its credentials expired.
    pub(super) fn tick(&mut self, clock: &dyn Clock) -> Result<Vec<Outgoing>, End> {
        let now = Instant::now();
        if now >= self.last_received + self.timings.idle_timeout {
            return Err(End::Gone);
        }
        if let Some((expires, at)) = &mut self.expiry {
            let left = until(*expires, clock.now());
            if left.is_zero() {
                return Err(End::Close(CloseCode::NotAuthenticated));
            }
            *at = now + left;
        }
        let mut out = Vec::new();
        if now >= self.ping {
            self.ping = now + self.timings.ping_interval;
            out.push(Outgoing::Ping);
        }
        if let Some(at) = self.json_ping.as_mut().filter(|at| now >= **at) {
            *at = now + self.timings.json_ping_interval;
            out.push(Outgoing::Text(ServerFrame::Ping.encode().into()));
        }
        Ok(out)
    }
}

fn until(then: Timestamp, now: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(then.0.saturating_sub(now.0)).unwrap_or(0))
}
