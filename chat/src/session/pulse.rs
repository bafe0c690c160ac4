//! What is due when, on a connection where nothing happens.

use super::{Outgoing, Scope};
use crate::Clock;
use crate::account::Identity;
use crate::pace::Pace;
use protocol::{CloseCode, ServerFrame, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

use super::End;

/// One timer for all that can be due.
pub(super) struct Pulse<'a> {
    ping: Instant,
    json_ping: Option<Instant>,
    expiry: Option<(Timestamp, Instant)>,
    heard: Instant,
    pace: &'a Pace,
}

impl<'a> Pulse<'a> {
    pub(super) fn new(who: &Identity, scope: Scope, now: Timestamp, pace: &'a Pace) -> Self {
        let start = Instant::now();
        let expiry = who.expires_at.map(|at| (at, start + until(at, now)));
        let json_ping = matches!(scope, Scope::One(_)).then(|| start + pace.json_ping);
        Self { ping: start + pace.ping, json_ping, expiry, heard: start, pace }
    }

    /// The client gave a sign of life.
    pub(super) fn heard(&mut self) {
        self.heard = Instant::now();
    }

    /// When to look again.
    pub(super) fn next(&self) -> Instant {
        let silent = self.heard + self.pace.silence;
        [self.json_ping, self.expiry.map(|(_, at)| at)]
            .into_iter()
            .flatten()
            .fold(self.ping.min(silent), Instant::min)
    }

    /// What is due now.
    pub(super) fn beat(&mut self, clock: &dyn Clock) -> Result<Vec<Outgoing>, End> {
        let now = Instant::now();
        if now >= self.heard + self.pace.silence {
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
            self.ping = now + self.pace.ping;
            out.push(Outgoing::Ping);
        }
        if let Some(at) = self.json_ping.as_mut().filter(|at| now >= **at) {
            *at = now + self.pace.json_ping;
            out.push(Outgoing::Text(ServerFrame::Ping.encode().into()));
        }
        Ok(out)
    }
}

fn until(then: Timestamp, now: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(then.0.saturating_sub(now.0)).unwrap_or(0))
}
