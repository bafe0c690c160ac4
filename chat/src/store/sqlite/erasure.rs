//! Removal of deleted content from the files, and the close of the database.

use super::Sqlite;
use crate::store::error::{Result, StoreError};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::time::Duration;

/// How long a checkpoint waits for reads, while no write can begin. A backup reads for longer.
const READS: Duration = Duration::from_millis(200);

/// Moves the write-ahead log into the database, and truncates it. In the database deleted content is overwritten
/// (`secure_delete`), but the log has the pages as they were before.
pub(super) async fn scrub(store: &Sqlite) -> Result<()> {
    let options = store.writer.connect_options().as_ref().clone();
    let mut connection = options.busy_timeout(READS).connect().await?;
    let is_truncated = truncate_log(&mut connection).await;
    connection.close().await?;
    is_truncated
}

async fn truncate_log(c: &mut SqliteConnection) -> Result<()> {
    let (is_busy, _, _): (bool, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(c).await?;
    if is_busy {
        return Err(StoreError::Unavailable("a long read, such as a backup, needs the log".into()));
    }
    Ok(())
}

/// Closes all connections. With the last one, SQLite moves the log into the database and deletes it, which a connection that
/// only reads cannot do.
pub(super) async fn close(store: &Sqlite) {
    store.readers.close().await;
    store.writer.close().await;
}
