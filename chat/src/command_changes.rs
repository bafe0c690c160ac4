//! Changes of conversations that commands make beside a running server. Their number is read from the database periodically, so that
//! clients are told of them within two seconds, on every node.

use crate::hub::Hub;
use crate::store::Store;
use crate::timings::Timings;
use crate::{Result, Supervisor};
use std::sync::Arc;

/// Starts the task that notices changes by commands.
pub(crate) async fn start(
    store: Arc<dyn Store>,
    hub: Arc<Hub>,
    timings: &Timings,
    supervisor: &Supervisor,
) -> Result<()> {
    let mut known = store.command_changes().await?;
    let (stop, interval) = (supervisor.stop().clone(), timings.revocation_check_interval);
    supervisor.spawn("changes by commands", async move {
        while stop.run_until_cancelled(tokio::time::sleep(interval)).await.is_some() {
            match store.command_changes().await {
                Ok(now) if now == known => {}
                Ok(now) => {
                    known = now;
                    hub.compare_now();
                }
                Err(error) => tracing::warn!(%error, "changes by commands cannot be read"),
            }
        }
    });
    Ok(())
}
