//! Removes deleted content from the unused space of the database's pages and from its log, soon after it was deleted.

use crate::store::Store;
use crate::{Supervisor, timings::Timings};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
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

/// Part of the time in which the unused space may be cleared, as a divisor: each pass reads the whole database.
const SHARE: u32 = 10;

async fn run(store: Arc<dyn Store>, deleted: Arc<Notify>, interval: Duration, stop: CancellationToken) {
    // A stop in the middle is none of the removal's: the close of the database completes it.
    let _ = stop.run_until_cancelled(scrub(&*store, &deleted, interval)).await;
}

async fn scrub(store: &dyn Store, deleted: &Notify, interval: Duration) {
    // When a pass through the unused space may begin, and whether content was deleted since the last one.
    let (mut next_pass, mut is_unclear) = (Instant::now(), false);
    loop {
        tokio::select! {
            () = deleted.notified() => {
                is_unclear = true;
                tokio::time::sleep(interval).await;
            }
            () = tokio::time::sleep_until(next_pass), if is_unclear => {}
        }
        // First, since the log has the pages as they were before.
        let began = Instant::now();
        if is_unclear && next_pass <= began {
            match store.clear_unused_space().await {
                Ok(()) => is_unclear = false,
                Err(error) => {
                    tracing::info!(cause = %error, "the unused space of the database cannot be cleared yet");
                }
            }
            next_pass = Instant::now() + (began.elapsed() * (SHARE - 1)).max(interval);
        }
        if let Err(error) = store.scrub().await {
            tracing::info!(cause = %error, "deleted content cannot be removed from the log yet");
            deleted.notify_one();
        }
    }
}
