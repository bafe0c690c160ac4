//! Sending to the subscriptions of one person. A node claims a subscription before it sends: of several nodes that look at the
//! person, one sends, and the others look again when it has noted what it sent.

use super::backoff::Retry;
use super::decide::decide;
use super::delivery::{Delivered, deliver};
use super::gateway::PushResponse;
use super::look::{Looker, PersonState, after};
use super::message::PushNotice;
use crate::store::{PushCandidate, PushResult, PushSubscription};
use crate::{Result, metrics};
use futures::future::join_all;
use protocol::{Preferences, Timestamp};
use tokio::time::Instant;

/// Refusals in a row after which a subscription is removed.
const REFUSALS: i64 = 3;

/// The outcomes for the subscriptions of one person.
#[derive(Default)]
struct Outcomes {
    results: Vec<PushResult>,
    /// Subscriptions to remove.
    dropped: Vec<i64>,
    /// The time of another look, if there is to be one.
    again: Option<Instant>,
}

impl Looker {
    /// Sends what is decided to all of the subscriptions at the same time. Gives the time of another look, if there is to be one
    /// beside those of the retries.
    pub(super) async fn send(
        &self,
        subscriptions: Vec<PushSubscription>,
        candidates: &[PushCandidate],
        preferences: &Preferences,
        state: &mut PersonState,
    ) -> Result<Option<Instant>> {
        let now = self.clock.now();
        let mut decided: Vec<(Timestamp, PushNotice)> = decide(candidates, preferences, now)
            .map(|candidate| (candidate.at, PushNotice::of(candidate, preferences.push_content)))
            .collect();
        // So that `pushed_at` can stop between two of them.
        decided.sort_by_key(|(at, _)| *at);
        let newest = decided.last().map(|(at, _)| *at);
        // Not to the end of the time that was read: a message of that time may be committed a moment later.
        let Some(until) = candidates.iter().map(|candidate| candidate.at).max() else { return Ok(None) };
        let (wanted, passed): (Vec<_>, Vec<_>) =
            subscriptions.into_iter().partition(|one| newest.is_some_and(|at| at > one.pushed_at));
        self.progress.add(until, passed.iter().map(|one| one.id));
        for one in passed {
            state.retries.remove(&one.id);
        }
        if wanted.is_empty() {
            return Ok(None);
        }
        let leased_until = after(now, self.lease);
        // The last push begins early enough to end within the lease.
        let deadline = Instant::now() + self.lease / 3;
        let count = wanted.len();
        let claimed = self.claim(wanted, now, leased_until).await?;
        let sent = claimed.iter().map(async |subscription| {
            let new: Vec<_> = decided.iter().filter(|(at, _)| *at > subscription.pushed_at).collect();
            deliver(&self.gateway, &self.keys, subscription, &new, preferences, now, deadline).await
        });
        let again = (claimed.len() < count).then(|| Instant::now() + self.delay);
        let mut outcomes = Outcomes { again, ..Outcomes::default() };
        for (subscription, delivered) in claimed.iter().zip(join_all(sent).await) {
            match delivered {
                Ok(delivered) => self.note(subscription, delivered, state, until, &mut outcomes),
                Err(error) => {
                    tracing::error!(%error, subscription = subscription.id, "a push cannot be built");
                    outcomes.results.push(result(subscription, until, subscription.refusals));
                }
            }
        }
        // Before writes that can fail, else this node would send again.
        for result in &outcomes.results {
            self.progress.add(result.pushed_at, [result.id]);
        }
        if !outcomes.dropped.is_empty() {
            self.store.drop_push_subscriptions(&outcomes.dropped).await?;
        }
        if !outcomes.results.is_empty() {
            self.store.finish_pushes(&outcomes.results).await?;
            for result in &outcomes.results {
                self.progress.written(result.pushed_at, result.id);
            }
        }
        Ok(outcomes.again)
    }

    /// Claims those of the subscriptions that are free, and gives them as they are under the claim: another node may have sent since
    /// they were read.
    async fn claim(
        &self,
        wanted: Vec<PushSubscription>,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Vec<PushSubscription>> {
        let ids: Vec<i64> = wanted.iter().map(|one| one.id).collect();
        let claims = self.store.claim_push_subscriptions(&ids, now, leased_until).await?;
        let claimed = |one: PushSubscription| {
            let claim = claims.iter().find(|claim| claim.id == one.id)?;
            let (pushed_at, refusals) = (claim.pushed_at.max(one.pushed_at), claim.refusals);
            Some(PushSubscription { pushed_at, refusals, leased_until, ..one })
        };
        Ok(wanted.into_iter().filter_map(claimed).collect())
    }

    /// Notes the outcome for a subscription.
    fn note(
        &self,
        subscription: &PushSubscription,
        delivered: Delivered,
        state: &mut PersonState,
        until: Timestamp,
        outcomes: &mut Outcomes,
    ) {
        let id = subscription.id;
        let before = state.retries.remove(&id);
        let Delivered { response, up_to } = delivered;
        let noted = match response {
            Some(PushResponse::Accepted) => result(subscription, until, 0),
            // The others are sent at once under a new claim.
            None => {
                outcomes.again = Some(Instant::now());
                result(subscription, up_to, 0)
            }
            Some(PushResponse::Gone) => {
                metrics::PUSH_SUBSCRIPTIONS_DROPPED.increment(1);
                return outcomes.dropped.push(id);
            }
            Some(PushResponse::Refused) => {
                metrics::PUSHES_REFUSED.increment(1);
                let refusals = subscription.refusals + 1;
                if refusals >= REFUSALS {
                    metrics::PUSH_SUBSCRIPTIONS_DROPPED.increment(1);
                    return outcomes.dropped.push(id);
                }
                result(subscription, until, refusals)
            }
            Some(PushResponse::Later(asked)) => {
                let (now, at) = (self.clock.now(), Instant::now());
                match Retry::next(before, asked, self.retry_after, at) {
                    Some(retry) => {
                        metrics::PUSHES_DELAYED.increment(1);
                        state.retries.insert(id, retry);
                        let wait_until = Some(after(now, retry.at - at));
                        PushResult { wait_until, ..result(subscription, up_to, subscription.refusals) }
                    }
                    None => {
                        metrics::PUSHES_GIVEN_UP.increment(1);
                        result(subscription, until, subscription.refusals)
                    }
                }
            }
        };
        outcomes.results.push(noted);
    }
}

/// The end of the claim of a subscription.
fn result(subscription: &PushSubscription, pushed_at: Timestamp, refusals: i64) -> PushResult {
    let (id, leased_until) = (subscription.id, subscription.leased_until);
    PushResult { id, leased_until, pushed_at, refusals, wait_until: None }
}
