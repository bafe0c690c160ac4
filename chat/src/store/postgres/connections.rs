//! Connections, lent for one statement or one transaction. One comes back only from a transaction that ended; after a
//! fault, or when its borrower was dropped half way, it is closed (which rolls back) and made anew.

use super::away::Away;
use crate::lock::lock;
use crate::store::error::{Result, StoreError};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The longest that anything may take, waiting for locks included. The server itself gives up earlier (see
/// [`super::open`]): so when this runs out, it is frozen or cut off.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);
/// For a free connection.
const QUEUE: Duration = Duration::from_secs(5);
/// How often a transaction that collided with another is tried again.
pub(super) const TRIES: u32 = 10;

const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// So many connections at most.
pub(super) struct Pool {
    options: PgConnectOptions,
    permits: Semaphore,
    idle: Mutex<Vec<(PgConnection, u64)>>,
    away: Arc<Away>,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, size: usize, away: Arc<Away>) -> Self {
        Self { options, permits: Semaphore::new(size), idle: Mutex::new(Vec::new()), away }
    }

    /// A connection for one statement. The one used last is lent first, so that a quiet server has few.
    pub(super) async fn take(&self) -> Result<Lent<'_>> {
        let permit = match timeout(QUEUE, self.permits.acquire()).await {
            Ok(permit) => permit.map_err(|error| StoreError::Internal(error.to_string()))?,
            Err(_) => return Err(StoreError::Timeout("all connections are busy")),
        };
        let era = self.away.era();
        let idle = {
            let mut idle = lock(&self.idle);
            idle.retain(|(_, of)| *of == era);
            idle.pop()
        };
        let connection = match idle {
            Some((connection, _)) => connection,
            None => self.away.connect(&self.options).await?,
        };
        Ok(Lent { connection: Some(connection), era, pool: self, _permit: permit })
    }

    /// A transaction that writes.
    pub(super) async fn begin(&self) -> Result<Lent<'_>> {
        self.begin_by(WRITE).await
    }

    /// A transaction whose statements all see the same snapshot.
    pub(super) async fn snapshot(&self) -> Result<Lent<'_>> {
        self.begin_by(SNAPSHOT).await
    }

    /// The first statement shows whether the connection is still there. If not, those lent before are gone as well, and
    /// the next is a new one.
    async fn begin_by(&self, how: &'static str) -> Result<Lent<'_>> {
        match self.try_begin(how).await {
            Err(StoreError::Lost(_)) => self.try_begin(how).await,
            begun => begun,
        }
    }

    async fn try_begin(&self, how: &'static str) -> Result<Lent<'_>> {
        let mut lent = self.take().await?;
        let begun = lent.run(how).await;
        if let Err(error) = begun {
            lent.is_dead(&error);
            return Err(error);
        }
        Ok(lent)
    }
}

/// A connection that is lent.
pub(super) struct Lent<'a> {
    connection: Option<PgConnection>,
    era: u64,
    pool: &'a Pool,
    _permit: SemaphorePermit<'a>,
}

impl Lent<'_> {
    /// Does something with it, for [`PATIENCE`] at most.
    pub(super) async fn run(&mut self, statement: &'static str) -> Result<()> {
        in_time(async { sqlx::query(statement).execute(&mut **self).await.map_err(StoreError::from) })
            .await?;
        Ok(())
    }

    /// Gives it back after one statement.
    pub(super) fn done<T>(mut self, result: Result<T>) -> Result<T> {
        match &result {
            Err(error) if error.is_transient() => self.is_dead(error),
            _ => self.give_back(),
        }
        result
    }

    /// Ends a transaction: makes it durable when it went well, else leaves nothing. Where the answer to a commit does not
    /// come, nobody knows whether it is durable: who asked has to ask again, under the same ids.
    pub(super) async fn end<T>(mut self, result: Result<T>) -> Result<T> {
        match &result {
            // The connection is well, and what it locked is wanted by others.
            Err(StoreError::Collision(_)) => {}
            Err(error) if error.is_transient() => {
                self.is_dead(error);
                return result;
            }
            _ => {}
        }
        let ended = self.run(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
        match ended {
            Ok(()) => {
                self.give_back();
                result
            }
            Err(error) => {
                self.is_dead(&error);
                Err(match error {
                    StoreError::Internal(why) => StoreError::Unavailable(why),
                    error => error,
                })
            }
        }
    }

    fn give_back(&mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.pool.idle).push((connection, self.era));
        }
    }

    /// Closed. Whether the others are dead too depends on the cause.
    fn is_dead(&mut self, error: &StoreError) {
        self.connection = None;
        if matches!(error, StoreError::Timeout(_)) {
            self.pool.away.failed(error);
        }
        if matches!(error, StoreError::Timeout(_) | StoreError::Lost(_)) {
            self.pool.away.died(self.era);
        }
    }
}

impl Deref for Lent<'_> {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("given back only at its end")
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("given back only at its end")
    }
}

/// The result, if it comes in time.
pub(super) async fn in_time<T>(result: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(PATIENCE, result).await.unwrap_or_else(|_| Err(StoreError::Timeout("nothing within 8 s")))
}

/// Does something in one transaction, and makes it durable when it went well; again where it collided with another.
macro_rules! transaction {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut tries = 0;
        loop {
            let mut writing = $store.writer.begin().await?;
            let $c = &mut *writing;
            let result = $crate::store::postgres::connections::in_time($call).await;
            match writing.end(result).await {
                Err(error) if $crate::store::postgres::connections::again(&error, &mut tries).await => {}
                result => break result.map_err($crate::Error::from),
            }
        }
    }};
}

/// Reads by one statement; once more where the connection turned out to be dead.
macro_rules! read {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut first = true;
        loop {
            let mut reading = $store.readers.take().await?;
            let $c = &mut *reading;
            let result = $crate::store::postgres::connections::in_time($call).await;
            match reading.done(result) {
                Err($crate::store::error::StoreError::Lost(_)) if first => first = false,
                result => break result.map_err($crate::Error::from),
            }
        }
    }};
}

/// Reads by several statements from one snapshot.
macro_rules! snapshot {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut reading = $store.readers.snapshot().await?;
        let $c = &mut *reading;
        let result = $crate::store::postgres::connections::in_time($call).await;
        reading.end(result).await.map_err($crate::Error::from)
    }};
}

pub(super) use {read, snapshot, transaction};

/// Whether to try once more, after a moment.
pub(super) async fn again(error: &StoreError, tries: &mut u32) -> bool {
    *tries += 1;
    if *tries > TRIES || !matches!(error, StoreError::Collision(_)) {
        return false;
    }
    tracing::debug!(%error, "a transaction is tried again");
    tokio::time::sleep(Duration::from_millis(3) * *tries).await;
    true
}
