//! Connections to the file: one that writes, and a few that read.

use crate::store::error::Result;
use crate::store::pool::{Generation, Pool, PooledConnection};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};

/// Number of write connections. SQLite allows one write transaction at a time, so that the others wait here in order.
pub(super) const WRITERS: usize = 1;
/// Number of read connections: more would wait for the CPU anyway, and each costs memory.
pub(super) const READERS: usize = 4;

/// A transaction that takes the write lock at its beginning, and so never has to wait half way.
pub(super) const WRITE: &str = "BEGIN IMMEDIATE";
/// A transaction whose statements see one snapshot.
pub(super) const SNAPSHOT: &str = "BEGIN";

/// A pool with the settings of its connections.
pub(super) struct Connections {
    options: SqliteConnectOptions,
    pool: Pool<SqliteConnection>,
}

impl Connections {
    pub(super) fn new(options: SqliteConnectOptions, size: usize) -> Self {
        Self { options, pool: Pool::new(size, Generation::default()) }
    }

    /// A connection for one statement.
    pub(super) async fn acquire(&self) -> Result<PooledConnection<'_, SqliteConnection>> {
        self.pool.acquire(async || Ok(self.options.connect().await?)).await
    }

    /// A connection in a transaction that begins with this statement.
    pub(super) async fn begin(&self, how: &'static str) -> Result<PooledConnection<'_, SqliteConnection>> {
        let mut connection = self.acquire().await?;
        sqlx::query(how).execute(&mut *connection).await?;
        Ok(connection)
    }
}

impl PooledConnection<'_, SqliteConnection> {
    /// Commits the transaction, and releases the connection.
    pub(super) async fn commit(self) -> Result<()> {
        self.end("COMMIT").await
    }

    /// Rolls the transaction back, and releases the connection.
    pub(super) async fn rollback(self) -> Result<()> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, how: &'static str) -> Result<()> {
        sqlx::query(how).execute(&mut *self).await?;
        self.release();
        Ok(())
    }
}

/// Runs a call in a transaction that writes. A refusal rolls it back; after any other error the connection is closed.
macro_rules! transaction {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut connection = $store.writer.begin($crate::store::sqlite::connections::WRITE).await?;
        let $c = &mut *connection;
        let result = match $call.await {
            Ok(done) => connection.commit().await.map(|()| done),
            Err(refused @ $crate::store::error::StoreError::Refused(_)) => {
                connection.rollback().await?;
                Err(refused)
            }
            Err(error) => Err(error),
        };
        result.map_err($crate::Error::from)
    }};
}

/// Runs a call of one statement that reads. After an error the connection is closed.
macro_rules! read {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut connection = $store.readers.acquire().await?;
        let $c = &mut *connection;
        let result = $call.await?;
        connection.release();
        Ok::<_, $crate::Error>(result)
    }};
}

/// Runs a call of several statements that read one snapshot. After an error other than a refusal the connection is closed.
macro_rules! snapshot {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut connection = $store.readers.begin($crate::store::sqlite::connections::SNAPSHOT).await?;
        let $c = &mut *connection;
        let result = $call.await;
        if matches!(result, Ok(_) | Err($crate::store::error::StoreError::Refused(_))) {
            connection.commit().await?;
        }
        result.map_err($crate::Error::from)
    }};
}

pub(super) use {read, snapshot, transaction};
