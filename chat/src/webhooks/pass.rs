//! A pass over the pending events of one endpoint: claims the first ones of several conversations, delivers those of each in
//! their order, and notes the results together.

use super::backoff;
use super::endpoints::Webhooks;
use super::payload::payload;
use super::transport::{WebhookRequest, WebhookResponse};
use crate::presence::Presence;
use crate::store::{DeliveryResult, Webhook, WebhookClaim, WebhookDelivery, WebhookEventKind, WebhookFacts};
use crate::{Clock, Error, Result, metrics};
use futures::future::join_all;
use protocol::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The outcome of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Nothing was due.
    Idle,
    /// An event was delivered or dropped; more may be due.
    Progress,
    /// All attempts failed.
    Failing,
}

/// Delivers events.
pub(crate) struct Deliverer {
    pub(crate) webhooks: Webhooks,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) presence: Arc<Presence>,
    /// Time for which a node claims events. After a crash of the node they are delivered again that much later.
    pub(crate) lease: Duration,
    /// Time between the first and the second attempt.
    pub(crate) retry_after: Duration,
    /// From a message to the decision who is away: longer than presence takes to announce a departure.
    pub(crate) unread_delay: Duration,
    /// When this node started.
    pub(crate) started: Instant,
}

impl Deliverer {
    /// Makes one pass.
    pub(super) async fn pass(&self, webhook: &Webhook) -> Result<Pass> {
        let store = &self.webhooks.store;
        let now = self.clock.now();
        let runs = store.claim_webhook_events(webhook.id, now, after(now, self.lease)).await?;
        if runs.is_empty() {
            return Ok(Pass::Idle);
        }
        // The last attempt begins early enough to end within the lease.
        let until = Instant::now() + self.lease / 3;
        let results = join_all(runs.iter().map(|run| self.run(webhook, run, until))).await.concat();
        store.finish_webhook_events(&results, self.clock.now()).await?;
        let is_progress = |result: &DeliveryResult| {
            !matches!(result, DeliveryResult::Failed(..) | DeliveryResult::Released)
        };
        let progress = results.iter().any(|(_, result)| is_progress(result));
        Ok(if progress { Pass::Progress } else { Pass::Failing })
    }

    /// Delivers events of one conversation in their order, until one fails or the time is up.
    async fn run(
        &self,
        webhook: &Webhook,
        events: &[WebhookDelivery],
        until: Instant,
    ) -> Vec<(WebhookClaim, DeliveryResult)> {
        let mut results = Vec::with_capacity(events.len());
        let mut ended = false;
        for event in events {
            let result = if ended || (Instant::now() >= until && !results.is_empty()) {
                DeliveryResult::Released
            } else {
                self.deliver(webhook, event).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, delivery = event.id, "a webhook event cannot be read");
                    DeliveryResult::Released
                })
            };
            ended |= matches!(
                result,
                DeliveryResult::Failed(..) | DeliveryResult::Released | DeliveryResult::Postponed(_)
            );
            results.push((event.claim(), result));
        }
        results
    }

    async fn deliver(&self, webhook: &Webhook, event: &WebhookDelivery) -> Result<DeliveryResult> {
        let now = self.clock.now();
        let is_unread = event.kind == WebhookEventKind::MessageUnread;
        // After a restart, nobody is online until the clients are back.
        let ready = self.started + self.unread_delay;
        if is_unread && Instant::now() < ready {
            return Ok(DeliveryResult::Postponed(after(now, ready - Instant::now())));
        }
        let Some(mut facts) = self.webhooks.store.webhook_facts(event, now).await? else {
            return Ok(DeliveryResult::Dropped);
        };
        if is_unread && !self.keep_away(&mut facts) {
            return Ok(DeliveryResult::Dropped);
        }
        let request = self.request(webhook, event, &facts, now)?;
        let began = Instant::now();
        let response = self.webhooks.transport.send(request).await;
        metrics::WEBHOOK_SECONDS.record(began.elapsed());
        Ok(self.result(event, response))
    }

    /// Keeps the recipients who are away; `false` if there are none, or the message was deleted.
    fn keep_away(&self, facts: &mut WebhookFacts) -> bool {
        facts.recipients.retain(|one| !self.presence.is_online(one.person.id));
        let is_deleted = facts.message.as_ref().is_some_and(|message| message.deleted_at.is_some());
        !is_deleted && !facts.recipients.is_empty()
    }

    fn request(
        &self,
        webhook: &Webhook,
        event: &WebhookDelivery,
        facts: &WebhookFacts,
        now: Timestamp,
    ) -> Result<WebhookRequest> {
        let body = payload(event, facts).map_err(|error| Error::Internal(error.to_string()))?;
        let id = event.event_id();
        let timestamp = now.0.div_euclid(1_000_000);
        let signature = self.webhooks.secret_of(webhook)?.sign(&id, timestamp, &body)?;
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ];
        Ok(WebhookRequest { url: webhook.url.clone(), headers, body })
    }

    fn result(&self, event: &WebhookDelivery, response: WebhookResponse) -> DeliveryResult {
        let WebhookResponse { status, retry_after } = response;
        if let Some(status @ 200..=299) = status {
            metrics::WEBHOOKS_DELIVERED.increment(1);
            return DeliveryResult::Delivered(status);
        }
        metrics::WEBHOOKS_FAILED.increment(1);
        let wait = backoff::wait(event.attempts + 1, self.retry_after, retry_after);
        let next = after(self.clock.now(), wait);
        if next > event.expires_at {
            metrics::WEBHOOKS_GIVEN_UP.increment(1);
            tracing::warn!(delivery = event.id, ?status, "a webhook event was not accepted within a day");
            return DeliveryResult::GivenUp(status);
        }
        DeliveryResult::Failed(status, next)
    }
}

/// The time this long after.
fn after(time: Timestamp, span: Duration) -> Timestamp {
    Timestamp(time.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
}
