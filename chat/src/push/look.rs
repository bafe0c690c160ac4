//! A look at one person: what is unread of the time since the last push.

use super::backoff::{LONGEST, Retry};
use super::gateway::PushGateway;
use super::keys::VapidKeys;
use super::progress::Progress;
use crate::presence::Presence;
use crate::store::{PushSubscription, Store};
use crate::{Clock, Result};
use protocol::{Timestamp, UserId};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// State of a person between looks.
#[derive(Debug, Default)]
pub(super) struct PersonState {
    /// Set while the person is online.
    online: Option<Online>,
    /// Subscriptions whose push service asked to wait.
    pub(super) retries: HashMap<i64, Retry>,
}

/// A person who was online at a look. The last client may have closed a moment before, so another look follows; who is still online
/// then has seen the message.
#[derive(Clone, Copy, Debug)]
struct Online {
    again: Instant,
    until: Timestamp,
    /// Whether another message came meanwhile.
    more: bool,
}

impl PersonState {
    /// Whether nothing has to be remembered.
    pub(super) fn is_idle(&self) -> bool {
        self.online.is_none() && self.retries.is_empty()
    }

    /// The next look after one at this time.
    fn next(&self, at: Instant) -> Option<Instant> {
        let retries = self.retries.values().map(|retry| retry.at).filter(|next| *next > at);
        retries.chain(self.online.map(|online| online.again)).min()
    }
}

/// Looks at people, and pushes to them.
pub(crate) struct Looker {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) presence: Arc<Presence>,
    pub(super) gateway: PushGateway,
    pub(super) keys: VapidKeys,
    pub(super) progress: Progress,
    /// From a commit to the decision.
    pub(super) delay: Duration,
    /// From the first to the second look at a person who is online: longer than presence takes to announce a departure.
    pub(super) grace: Duration,
    /// Time before the second try of a push.
    pub(super) retry_after: Duration,
    /// Time for which a node claims a subscription. After a crash of the node others push that much later.
    pub(super) lease: Duration,
}

impl Looker {
    /// The key that browsers subscribe with.
    pub(crate) fn keys(&self) -> &VapidKeys {
        &self.keys
    }

    /// The outside of web push.
    pub(crate) fn gateway(&self) -> &PushGateway {
        &self.gateway
    }

    /// Looks at a person, and gives the time of the next look, if there is to be one.
    pub(super) async fn look(&self, user: UserId, state: &mut PersonState) -> Result<Option<Instant>> {
        let (at, now) = (Instant::now(), self.clock.now());
        let until = before(now, self.delay);
        let mut subscriptions = self.store.push_subscriptions(user, now).await?;
        self.progress.apply(&mut subscriptions);
        state.retries.retain(|id, _| subscriptions.iter().any(|subscription| subscription.id == *id));
        if subscriptions.is_empty() {
            state.online = None;
            return Ok(None);
        }
        if self.presence.is_online(user) {
            self.pass_over(&subscriptions, state, until);
            return Ok(state.next(at));
        }
        state.online = None;
        subscriptions.retain(|one| state.retries.get(&one.id).is_none_or(|retry| retry.at <= at));
        let is_free = |one: &PushSubscription| one.leased_until <= now;
        let (free, claimed): (Vec<_>, Vec<_>) = subscriptions.into_iter().partition(is_free);
        let mut again = claimed.iter().map(|one| self.claim_ends(one.leased_until, now)).min();
        if let Some(after) = free.iter().map(|one| one.pushed_at).min() {
            let after = after.max(before(now, LONGEST));
            let candidates = self.store.push_candidates(user, after, until).await?;
            let account = self.store.account(user).await?;
            match account.filter(|_| !candidates.is_empty()) {
                Some(account) => {
                    let sent = self.send(free, &candidates, &account.preferences, state).await?;
                    again = again.into_iter().chain(sent).min();
                }
                // Read since the last try.
                None => state.retries.retain(|id, _| free.iter().all(|one| one.id != *id)),
            }
        }
        Ok(state.next(at).into_iter().chain(again).min())
    }

    /// The time to look again at a subscription that is claimed. A node that sends ends its claim long before the lease; a longer
    /// one is a wait that the push service asked for.
    fn claim_ends(&self, leased_until: Timestamp, now: Timestamp) -> Instant {
        let left = Duration::from_micros(u64::try_from(leased_until.0 - now.0).unwrap_or(0));
        Instant::now() + if left > self.lease { left } else { left.min(self.delay) }
    }

    /// Passes over the messages of a person who is online now, and was at the look before.
    fn pass_over(&self, subscriptions: &[PushSubscription], state: &mut PersonState, until: Timestamp) {
        let now = Instant::now();
        let next = Online { again: now + self.grace, until, more: false };
        state.online = match state.online {
            None => Some(next),
            Some(online) if online.again > now => Some(Online { more: true, ..online }),
            Some(online) => {
                self.progress.add(online.until, subscriptions.iter().map(|one| one.id));
                state.retries.clear();
                online.more.then_some(next)
            }
        };
    }
}

/// The time this long before.
pub(super) fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.0 - micros(span))
}

/// The time this long after.
pub(super) fn after(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.0.saturating_add(micros(span)))
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
