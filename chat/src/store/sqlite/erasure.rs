//! Removal of deleted content from the files, and the close of the database.

use super::{Sqlite, unused_space};
use crate::store::error::{Result, StoreError};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::time::Duration;

/// How long a checkpoint waits for reads, while no write can begin. A backup reads for longer.
const READS: Duration = Duration::from_millis(200);
/// Time that a stop may take to clear unused space. The next start completes it.
const CLEAR_AT_CLOSE: Duration = Duration::from_secs(1);

/// Moves the write-ahead log into the database, and truncates it. In the database deleted content is overwritten
/// (`secure_delete`), but the log has the pages as they were before.
pub(super) async fn scrub(store: &Sqlite) -> Result<()> {
    let options = store.writer.connect_options().as_ref().clone();
    let mut connection = options.busy_timeout(READS).connect().await?;
    let is_truncated = truncate_log(&mut connection).await;
    connection.close().await?;
    is_truncated
}

/// Overwrites copies of rows in the unused space of pages. The log has them until it is truncated.
pub(super) async fn clear_unused_space(store: &Sqlite) -> crate::Result<()> {
    unused_space::clear(store).await
}

async fn truncate_log(c: &mut SqliteConnection) -> Result<()> {
    let (is_busy, _, _): (bool, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(c).await?;
    if is_busy {
        return Err(StoreError::Unavailable("a long read, such as a backup, needs the log".into()));
    }
    Ok(())
}

/// Clears unused space, and closes all connections. With the last one, SQLite moves the log into the database and deletes it,
/// which a connection that only reads cannot do.
pub(super) async fn close(store: &Sqlite) {
    match tokio::time::timeout(CLEAR_AT_CLOSE, unused_space::clear(store)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::info!(cause = %error, "the unused space of the database was not cleared");
        }
        Err(_) => tracing::info!("the database is too large to clear its unused space before the stop"),
    }
    store.readers.close().await;
    store.writer.close().await;
}
