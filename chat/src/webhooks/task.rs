//! The task of webhooks: one pass at a time for each endpoint, so that a dead one delays no other.

use super::pass::{Deliverer, Pass};
use crate::store::{Webhook, WebhookEvents};
use crate::{Result, Supervisor, contain};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// An endpoint, as the task knows it.
struct Endpoint {
    webhook: Webhook,
    /// Something may be due.
    pending: bool,
    /// A pass is being made.
    busy: bool,
    /// No pass is made before this time, since all attempts of the last one failed.
    paused_until: Option<Instant>,
}

/// Starts the task.
///
/// # Errors
/// The endpoints cannot be read.
pub(crate) async fn start(
    deliverer: Deliverer,
    check_interval: Duration,
    supervisor: &Supervisor,
) -> Result<()> {
    deliverer.webhooks.store.webhook_switch().set_unread_delay(deliverer.unread_delay);
    let mut endpoints = HashMap::new();
    refresh(&deliverer, &mut endpoints).await?;
    supervisor.spawn("webhooks", run(deliverer, endpoints, check_interval, supervisor.stop().clone()));
    Ok(())
}

async fn run(
    deliverer: Deliverer,
    mut endpoints: HashMap<i64, Endpoint>,
    check_interval: Duration,
    stop: CancellationToken,
) {
    let deliverer = Arc::new(deliverer);
    let switch = deliverer.webhooks.store.webhook_switch();
    // Tasks of their own: a pass that waits for the rest of this task could hold the connection that the rest waits for.
    let mut passes = JoinSet::new();
    // Finds retries that are due, events of other nodes, claims that expired, and changed endpoints.
    let mut check = interval(check_interval);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let now = Instant::now();
        for endpoint in endpoints.values_mut() {
            let is_free = !endpoint.busy && endpoint.paused_until.is_none_or(|at| at <= now);
            if endpoint.pending && is_free {
                (endpoint.pending, endpoint.busy) = (false, true);
                passes.spawn(contained_pass(Arc::clone(&deliverer), endpoint.webhook.clone()));
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = switch.recorded() => endpoints.values_mut().for_each(|endpoint| endpoint.pending = true),
            Some(passed) = passes.join_next(), if !passes.is_empty() => {
                // A panic is contained, and nobody aborts a pass.
                if let Ok((id, pass)) = passed
                    && let Some(endpoint) = endpoints.get_mut(&id)
                {
                    endpoint.busy = false;
                    endpoint.pending |= pass == Pass::Progress;
                    endpoint.paused_until =
                        (pass == Pass::Failing).then(|| Instant::now() + deliverer.retry_after);
                }
            }
            _ = check.tick() => {
                if let Err(error) = refresh(&deliverer, &mut endpoints).await {
                    tracing::warn!(%error, "the webhook endpoints cannot be read");
                }
            }
        }
    }
}

/// Reads the endpoints, and sets the kinds of events that are stored.
async fn refresh(deliverer: &Deliverer, endpoints: &mut HashMap<i64, Endpoint>) -> Result<()> {
    let store = &deliverer.webhooks.store;
    let additions = store.webhook_switch().additions();
    let webhooks = store.webhooks().await?;
    let wanted: WebhookEvents = webhooks.iter().flat_map(|webhook| webhook.events.iter()).collect();
    store.webhook_switch().set(wanted, additions);
    endpoints.retain(|id, endpoint| endpoint.busy || webhooks.iter().any(|webhook| webhook.id == *id));
    for webhook in webhooks {
        let known = endpoints.entry(webhook.id);
        let endpoint =
            known.or_insert_with(|| Endpoint { webhook, pending: true, busy: false, paused_until: None });
        endpoint.pending = true;
    }
    Ok(())
}

/// Makes a pass; an error or a panic concerns this endpoint alone.
async fn contained_pass(deliverer: Arc<Deliverer>, webhook: Webhook) -> (i64, Pass) {
    let pass = match contain("a webhook", deliverer.pass(&webhook)).await {
        Some(Ok(pass)) => pass,
        Some(Err(error)) => {
            tracing::warn!(%error, webhook = webhook.id, "webhook events cannot be delivered");
            Pass::Failing
        }
        None => Pass::Failing,
    };
    (webhook.id, pass)
}
