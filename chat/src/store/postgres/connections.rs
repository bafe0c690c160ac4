//! Connection pools of the server: time limits, retries, and what an error says about other connections.

use super::circuit_breaker::CircuitBreaker;
use super::connect::{CONNECT_TIMEOUT, apply_settings, connect};
use crate::store::error::{Result, StoreError};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Number of write connections: the writer's, and those of accounts and sign-ins.
pub(super) const WRITERS: u32 = 4;
/// Number of read connections.
pub(super) const READERS: u32 = 8;
/// The longest time that a statement or a transaction may take, waiting for locks included. It is longer than the limits
/// that the server keeps ([`super::connect`]): when it passes, the server is frozen or cut off.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);
/// The longest time to wait for a free connection, or for a new one.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Number of retries of a transaction that collided with another.
const RETRIES: u32 = 10;

/// A transaction that writes.
pub(super) const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// A transaction whose statements see one snapshot.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A pool behind the circuit breaker.
pub(super) struct Connections {
    pool: PgPool,
    options: PgConnectOptions,
    breaker: Arc<CircuitBreaker>,
}

impl Connections {
    /// At most `size` connections, which are opened when they are needed. Pools of one server share the circuit breaker.
    pub(super) fn new(options: PgConnectOptions, size: u32, breaker: Arc<CircuitBreaker>) -> Self {
        let stale = Arc::clone(&breaker);
        let pool = PgPoolOptions::new()
            .max_connections(size)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A ping would cost a round trip for each call. A dead connection fails at its first statement, which is retried once.
            .test_before_acquire(false)
            .after_connect(|connection, _| Box::pin(apply_settings(connection)))
            // Returned to the pool before the connection was known to be dead.
            .before_acquire(move |_, connection| {
                let is_usable = !stale.is_stale(connection.age);
                Box::pin(async move { Ok(is_usable) })
            })
            .connect_lazy_with(options.clone());
        Self { pool, options, breaker }
    }

    /// A free connection, or a new one. It fails at once while the database is away.
    pub(super) async fn acquire(&self) -> Result<Connected> {
        if self.breaker.needs_trial() || self.pool.size() == 0 {
            self.try_to_connect().await?;
        }
        match self.pool.acquire().await.map_err(StoreError::from) {
            Ok(connection) => Ok(Connected { connection, is_intact: false }),
            Err(error) => {
                // The time is up for a pool that is busy, too.
                self.breaker.suspect();
                Err(error)
            }
        }
    }

    /// Closes all connections, and waits for those in use.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Opens and closes a connection outside of the pool, which would try again until its time is up.
    async fn try_to_connect(&self) -> Result<()> {
        self.breaker.check(CONNECT_TIMEOUT)?;
        let connection = connect(&self.options).await.inspect_err(|error| self.breaker.failed(error))?;
        self.breaker.succeeded();
        // Otherwise the server notices that it is closed.
        let _ = timeout(CONNECT_TIMEOUT, connection.close()).await;
        Ok(())
    }

    /// Returns a connection to the pool, after a call with this result, or closes it.
    pub(super) fn release<T>(&self, mut connection: Connected, result: Result<T>) -> Result<T> {
        match &result {
            Err(error @ StoreError::Timeout(_)) => self.breaker.failed(error),
            Err(StoreError::Lost(_)) => self.breaker.lost(),
            _ => connection.is_intact = true,
        }
        result
    }
}

/// A connection in use. Unless it was released, it is closed when it is dropped: the pool's ping has no time limit, and an
/// answer to the caller that went away may never come.
pub(super) struct Connected {
    connection: PoolConnection<Postgres>,
    is_intact: bool,
}

impl Drop for Connected {
    fn drop(&mut self) {
        if !self.is_intact {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Connected {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Connected {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// The error of a commit. If its answer is lost, it is unknown whether the transaction is durable: the client repeats the
/// request, under the same ids.
pub(super) fn commit_error(error: sqlx::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::Internal(cause) => StoreError::Unavailable(cause),
        error => error,
    }
}

/// Limits a call to [`ANSWER_TIMEOUT`].
pub(super) async fn in_time<T>(call: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(ANSWER_TIMEOUT, call).await.unwrap_or_else(|_| Err(StoreError::Timeout("no answer within 8 s")))
}

/// Runs a call in a transaction that writes; again if it collided with another, or if the connection turned out to be dead
/// before it began. Any error rolls it back.
macro_rules! transaction {
    ($store:expr, $c:ident => $call:expr) => {{
        use $crate::store::error::StoreError;
        use $crate::store::postgres::connections::{WRITE, commit_error, in_time, may_retry};
        let (mut retries, mut is_first) = (0, true);
        loop {
            let mut connection = $store.writer.acquire().await?;
            let mut has_begun = false;
            let result = in_time(async {
                let mut transaction = sqlx::Connection::begin_with(&mut *connection, WRITE).await?;
                has_begun = true;
                let $c = &mut *transaction;
                let done = $call.await?;
                transaction.commit().await.map_err(commit_error)?;
                Ok(done)
            })
            .await;
            match $store.writer.release(connection, result) {
                Err(StoreError::Lost(_)) if !has_begun && std::mem::take(&mut is_first) => {}
                Err(error) if may_retry(&error, &mut retries).await => {}
                result => break result.map_err($crate::Error::from),
            }
        }
    }};
}

/// Runs a call of one statement that reads; once more if the connection turned out to be dead.
macro_rules! read {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut is_first = true;
        loop {
            let mut connection = $store.readers.acquire().await?;
            let $c = &mut *connection;
            let result = $crate::store::postgres::connections::in_time($call).await;
            match $store.readers.release(connection, result) {
                Err($crate::store::error::StoreError::Lost(_)) if std::mem::take(&mut is_first) => {}
                result => break result.map_err($crate::Error::from),
            }
        }
    }};
}

/// Runs a call of several statements that read one snapshot; once more if the connection turned out to be dead.
macro_rules! snapshot {
    ($store:expr, $c:ident => $call:expr) => {{
        $crate::store::postgres::connections::read!($store, connection => async {
            let how = $crate::store::postgres::connections::SNAPSHOT;
            let mut transaction = sqlx::Connection::begin_with(&mut *connection, how).await?;
            let $c = &mut *transaction;
            let found = $call.await?;
            transaction.commit().await?;
            Ok(found)
        })
    }};
}

pub(super) use {read, snapshot, transaction};

/// The time limits do not apply to a transaction that reads for as long as its reader takes.
const UNHURRIED: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

/// Begins a transaction that reads one snapshot for as long as it is kept.
pub(super) async fn long_snapshot(
    store: &super::Postgres,
) -> crate::Result<sqlx::Transaction<'static, Postgres>> {
    let mut transaction = store.readers.pool.begin_with(SNAPSHOT).await.map_err(StoreError::from)?;
    sqlx::raw_sql(UNHURRIED).execute(&mut *transaction).await.map_err(StoreError::from)?;
    Ok(transaction)
}

/// Whether to retry a transaction, after a pause that grows with the number of retries.
pub(super) async fn may_retry(error: &StoreError, retries: &mut u32) -> bool {
    *retries += 1;
    if *retries > RETRIES || !matches!(error, StoreError::Collision(_)) {
        return false;
    }
    tracing::debug!(%error, "retry of a transaction");
    tokio::time::sleep(Duration::from_millis(3) * *retries).await;
    true
}
