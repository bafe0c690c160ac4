//! Connection pools of the file: one connection that writes, and a few that read.

use crate::store::error::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection as _, Sqlite, SqlitePool, Transaction};

/// Number of write connections. SQLite allows one write transaction at a time, so that the others wait here in order.
pub(super) const WRITERS: u32 = 1;
/// Number of read connections: more would wait for the CPU anyway, and each costs memory.
pub(super) const READERS: u32 = 4;

/// A transaction that takes the write lock at its beginning, and so never has to wait half way.
pub(super) const WRITE: &str = "BEGIN IMMEDIATE";

/// A pool of at most `size` connections, which are opened when they are needed.
pub(super) fn pool(options: SqliteConnectOptions, size: u32) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(size)
        // A connection to a file neither dies nor has a session on a server.
        .test_before_acquire(false)
        .max_lifetime(None)
        .idle_timeout(None)
        // SQLite itself rolls back after some errors, for example when a commit finds the disk full. The rollback by sqlx then
        // fails, and the connection counts as in a transaction for ever.
        .before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_free) })
        })
        .connect_lazy_with(options)
}

/// Runs a call in a transaction that writes. Any error rolls it back.
macro_rules! transaction {
    ($store:expr, $c:ident => $call:expr) => {{
        use $crate::store::sqlite::connections::{WRITE, to_error};
        let mut transaction = $store.writer.begin_with(WRITE).await.map_err(to_error)?;
        let $c = &mut *transaction;
        match $call.await {
            Ok(done) => transaction.commit().await.map(|()| done).map_err(to_error),
            Err(error) => Err($crate::Error::from(error)),
        }
    }};
}

/// Runs a call of one statement that reads.
macro_rules! read {
    ($store:expr, $c:ident => $call:expr) => {{
        use $crate::store::sqlite::connections::to_error;
        let mut connection = $store.readers.acquire().await.map_err(to_error)?;
        let $c = &mut *connection;
        $call.await.map_err($crate::Error::from)
    }};
}

/// Runs a call of several statements that read one snapshot.
macro_rules! snapshot {
    ($store:expr, $c:ident => $call:expr) => {{
        use $crate::store::sqlite::connections::to_error;
        let mut transaction = $store.readers.begin().await.map_err(to_error)?;
        let $c = &mut *transaction;
        let result = $call.await.map_err($crate::Error::from)?;
        transaction.commit().await.map_err(to_error)?;
        Ok::<_, $crate::Error>(result)
    }};
}

pub(super) use {read, snapshot, transaction};

/// Begins a transaction that reads one snapshot for as long as it is kept.
pub(super) async fn long_snapshot(store: &super::Sqlite) -> crate::Result<Transaction<'static, Sqlite>> {
    store.readers.begin().await.map_err(to_error)
}

/// The error of a pool, or of a statement that begins or ends a transaction.
pub(super) fn to_error(error: sqlx::Error) -> crate::Error {
    StoreError::from(error).into()
}
