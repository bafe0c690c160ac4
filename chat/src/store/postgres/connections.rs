//! Connections to the server: time limits, retries, and what an error says about other connections.

use super::circuit_breaker::CircuitBreaker;
use super::connect::{CONNECT_TIMEOUT, connect};
use crate::store::error::{Result, StoreError};
use crate::store::pool::{Generation, Pool, PooledConnection};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

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

/// A connection in use.
pub(super) type Connected<'a> = PooledConnection<'a, PgConnection>;

/// A pool, with the way to open its connections.
pub(super) struct Connections {
    options: PgConnectOptions,
    pool: Pool<PgConnection>,
    breaker: Arc<CircuitBreaker>,
}

impl Connections {
    /// Connections of one server share the circuit breaker and the generation.
    pub(super) fn new(
        options: PgConnectOptions,
        size: usize,
        breaker: Arc<CircuitBreaker>,
        generation: Generation,
    ) -> Self {
        Self { options, pool: Pool::new(size, generation), breaker }
    }

    /// A connection for one statement.
    pub(super) async fn acquire(&self) -> Result<Connected<'_>> {
        timeout(ACQUIRE_TIMEOUT, self.pool.acquire(async || self.connect().await))
            .await
            .unwrap_or_else(|_| Err(StoreError::Timeout("no free connection within 5 s")))
    }

    async fn connect(&self) -> Result<PgConnection> {
        self.breaker.check(CONNECT_TIMEOUT)?;
        let connection = connect(&self.options).await.inspect_err(|error| self.breaker.failed(error))?;
        self.breaker.succeeded();
        Ok(connection)
    }

    /// A connection in a transaction that begins with this statement. An idle connection can turn out to be dead; then
    /// its generation is closed, and a new connection is opened.
    pub(super) async fn begin(&self, how: &'static str) -> Result<Connected<'_>> {
        match self.try_begin(how).await {
            Err(StoreError::Lost(_)) => self.try_begin(how).await,
            begun => begun,
        }
    }

    async fn try_begin(&self, how: &'static str) -> Result<Connected<'_>> {
        let mut connection = self.acquire().await?;
        match run(&mut connection, how).await {
            Ok(()) => Ok(connection),
            Err(error) => {
                self.close(connection, &error);
                Err(error)
            }
        }
    }

    /// Releases a connection after one statement.
    pub(super) fn release<T>(&self, connection: Connected<'_>, result: Result<T>) -> Result<T> {
        match &result {
            Err(error) if error.is_transient() => self.close(connection, error),
            _ => connection.release(),
        }
        result
    }

    /// Commits a transaction that succeeded, or rolls it back, and releases the connection. If the answer to a commit is
    /// lost, it is unknown whether the transaction is durable: the client repeats the request, under the same ids.
    pub(super) async fn end<T>(&self, mut connection: Connected<'_>, result: Result<T>) -> Result<T> {
        match &result {
            // The connection is intact, and others wait for its locks.
            Err(StoreError::Collision(_)) => {}
            Err(error) if error.is_transient() => {
                self.close(connection, error);
                return result;
            }
            _ => {}
        }
        match run(&mut connection, if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await {
            Ok(()) => {
                connection.release();
                result
            }
            Err(error) => {
                self.close(connection, &error);
                Err(match error {
                    StoreError::Internal(cause) => StoreError::Unavailable(cause),
                    error => error,
                })
            }
        }
    }

    /// Closes a connection; other connections of its generation too, if the error concerns the server.
    fn close(&self, connection: Connected<'_>, error: &StoreError) {
        if matches!(error, StoreError::Timeout(_)) {
            self.breaker.failed(error);
        }
        if matches!(error, StoreError::Timeout(_) | StoreError::Lost(_)) {
            connection.close_generation();
        }
    }
}

/// Runs a statement that returns no rows.
async fn run(connection: &mut PgConnection, statement: &'static str) -> Result<()> {
    in_time(async { Ok(sqlx::query(statement).execute(connection).await.map(|_| ())?) }).await
}

/// Limits a call to [`ANSWER_TIMEOUT`].
pub(super) async fn in_time<T>(call: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(ANSWER_TIMEOUT, call).await.unwrap_or_else(|_| Err(StoreError::Timeout("no answer within 8 s")))
}

/// Runs a call in a transaction that writes; again if it collided with another.
macro_rules! transaction {
    ($store:expr, $c:ident => $call:expr) => {{
        use $crate::store::postgres::connections::{WRITE, in_time, may_retry};
        let mut retries = 0;
        loop {
            let mut connection = $store.writer.begin(WRITE).await?;
            let $c = &mut *connection;
            let result = in_time($call).await;
            match $store.writer.end(connection, result).await {
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
                Err($crate::store::error::StoreError::Lost(_)) if is_first => is_first = false,
                result => break result.map_err($crate::Error::from),
            }
        }
    }};
}

/// Runs a call of several statements that read one snapshot.
macro_rules! snapshot {
    ($store:expr, $c:ident => $call:expr) => {{
        use $crate::store::postgres::connections::{SNAPSHOT, in_time};
        let mut connection = $store.readers.begin(SNAPSHOT).await?;
        let $c = &mut *connection;
        let result = in_time($call).await;
        $store.readers.end(connection, result).await.map_err($crate::Error::from)
    }};
}

pub(super) use {read, snapshot, transaction};

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
