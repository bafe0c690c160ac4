//! Removes deleted content from the database's log, soon after it was deleted.

use crate::store::Store;
use crate::{Supervisor, timings::Timings};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Starts the removal. One removal serves all deletions of an interval.
pub(crate) struct Scrubber {
    deleted: Arc<Notify>,
}

impl Scrubber {
    /// Starts the task. It begins with a removal, for what was deleted right before a crash.
    pub(crate) fn start(store: Arc<dyn Store>, timings: &Timings, supervisor: &Supervisor) -> Self {
        let deleted = Arc::new(Notify::new());
        deleted.notify_one();
        let stop = supervisor.stop().clone();
        supervisor
            .spawn("removal of deleted content", run(store, deleted.clone(), timings.scrub_interval, stop));
        Self { deleted }
    }

    /// Notes that content was deleted.
    pub(crate) fn deleted(&self) {
        self.deleted.notify_one();
    }
}

async fn run(store: Arc<dyn Store>, deleted: Arc<Notify>, interval: Duration, stop: CancellationToken) {
    let next = async || {
        deleted.notified().await;
        tokio::time::sleep(interval).await;
    };
    while stop.run_until_cancelled(next()).await.is_some() {
        if let Err(error) = store.scrub().await {
            tracing::info!(cause = %error, "deleted content cannot be removed from the log yet");
            deleted.notify_one();
        }
    }
}
