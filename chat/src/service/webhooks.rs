//! Webhooks: the start of their delivery.

use super::ChatService;
use crate::webhooks::{self, Deliverer, Webhooks};
use crate::{Result, Supervisor};
use tokio::time::Instant;

impl ChatService {
    /// Starts the delivery of webhooks. To be called once; without it, no events are stored.
    ///
    /// # Errors
    /// The endpoints cannot be read from the database.
    pub async fn start_webhooks(&self, webhooks: &Webhooks, supervisor: &Supervisor) -> Result<()> {
        let (inner, timings) = (&self.inner, &self.inner.timings);
        let deliverer = Deliverer {
            webhooks: webhooks.clone(),
            clock: inner.clock.clone(),
            presence: inner.presence.clone(),
            lease: timings.webhook_lease,
            retry_after: timings.webhook_retry_after,
            unread_delay: timings.push_delay + timings.offline_after + timings.status_min_interval,
            started: Instant::now(),
        };
        webhooks::start(deliverer, timings.webhook_check_interval, supervisor).await
    }
}
