//! A look at one person: what is unread, and what of it is pushed to which subscription.

use super::backoff::{LONGEST, Retry};
use super::decide::decide;
use super::delivery::deliver;
use super::gateway::{PushGateway, PushResponse};
use super::keys::VapidKeys;
use super::message::PushNotice;
use super::progress::Progress;
use crate::presence::Presence;
use crate::store::{PushCandidate, PushSubscription, Store};
use crate::{Clock, Result, metrics};
use futures::future::join_all;
use protocol::{Preferences, Timestamp, UserId};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Refusals in a row after which a subscription is removed.
const REFUSALS: i64 = 3;

/// State of a person between looks.
#[derive(Debug, Default)]
pub(super) struct PersonState {
    /// Set while the person is online.
    online: Option<Online>,
    /// Subscriptions whose push service asked to wait.
    retries: HashMap<i64, Retry>,
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

    fn next(&self) -> Option<Instant> {
        let retries = self.retries.values().map(|retry| retry.at);
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
        let now = self.clock.now();
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
            return Ok(state.next());
        }
        state.online = None;
        let at = Instant::now();
        subscriptions.retain(|one| state.retries.get(&one.id).is_none_or(|retry| retry.at <= at));
        let Some(after) = subscriptions.iter().map(|one| one.pushed_at).min() else {
            return Ok(state.next());
        };
        let after = after.max(before(now, LONGEST));
        let candidates = self.store.push_candidates(user, after, until).await?;
        let account = self.store.account(user).await?;
        if let Some(account) = account.filter(|_| !candidates.is_empty()) {
            self.push(&subscriptions, &candidates, &account.preferences, state, until).await?;
        }
        Ok(state.next())
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
                online.more.then_some(next)
            }
        };
    }

    /// Sends what is decided to all of the subscriptions at the same time.
    async fn push(
        &self,
        subscriptions: &[PushSubscription],
        candidates: &[PushCandidate],
        preferences: &Preferences,
        state: &mut PersonState,
        until: Timestamp,
    ) -> Result<()> {
        let now = self.clock.now();
        let decided: Vec<(Timestamp, PushNotice)> = decide(candidates, preferences, now)
            .map(|candidate| (candidate.at, PushNotice::of(candidate, preferences.push_content)))
            .collect();
        let sent = subscriptions.iter().map(async |subscription| {
            let new = decided.iter().filter(|(at, _)| *at > subscription.pushed_at);
            let notices: Vec<PushNotice> = new.map(|(_, notice)| notice.clone()).collect();
            deliver(&self.gateway, &self.keys, subscription, &notices, preferences, now).await
        });
        // The outcome for one subscription is noted whatever happened to the others, else they would be pushed to again.
        let mut noted = Ok(());
        for (subscription, response) in subscriptions.iter().zip(join_all(sent).await) {
            match response {
                Ok(response) => noted = noted.and(self.note(subscription, response, state, until).await),
                Err(error) => {
                    tracing::error!(%error, subscription = subscription.id, "a push cannot be built");
                    self.progress.add(until, [subscription.id]);
                }
            }
        }
        noted
    }

    /// Notes the outcome for a subscription.
    async fn note(
        &self,
        subscription: &PushSubscription,
        response: PushResponse,
        state: &mut PersonState,
        until: Timestamp,
    ) -> Result<()> {
        let id = subscription.id;
        let before = state.retries.remove(&id);
        match response {
            PushResponse::Accepted => {
                // Before a write that can fail.
                self.progress.add(until, [id]);
                if subscription.refusals > 0 {
                    self.store.count_push_refusal(id, false).await?;
                }
            }
            PushResponse::Gone => {
                metrics::PUSH_SUBSCRIPTIONS_DROPPED.increment(1);
                return self.store.drop_push_subscriptions(&[id]).await;
            }
            PushResponse::Refused => {
                metrics::PUSHES_REFUSED.increment(1);
                if subscription.refusals + 1 >= REFUSALS {
                    metrics::PUSH_SUBSCRIPTIONS_DROPPED.increment(1);
                    return self.store.drop_push_subscriptions(&[id]).await;
                }
                self.store.count_push_refusal(id, true).await?;
            }
            PushResponse::Later(asked) => {
                match Retry::next(before, asked, self.retry_after, Instant::now()) {
                    Some(retry) => {
                        metrics::PUSHES_DELAYED.increment(1);
                        state.retries.insert(id, retry);
                        return Ok(());
                    }
                    None => metrics::PUSHES_GIVEN_UP.increment(1),
                }
            }
        }
        self.progress.add(until, [id]);
        Ok(())
    }
}

/// The time this long before.
fn before(now: Timestamp, span: Duration) -> Timestamp {
    Timestamp(now.0 - i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
}
