//! One write connection and a few read connections. Each is borrowed for one transaction and reused only if that ended
//! cleanly: after a fault, or if the borrower was dropped within the transaction, it is closed (which rolls back) and reopened.

use crate::store::error::{Result, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::ops::{Deref, DerefMut};
use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};

/// Number of read connections: more would wait for the CPU anyway, and each costs memory.
const READERS: usize = 4;

/// The write connection. Its lock is the queue of waiting writers.
pub(super) struct WriteConnection {
    options: SqliteConnectOptions,
    slot: Mutex<Option<SqliteConnection>>,
}

impl WriteConnection {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self { options, slot: Mutex::new(None) }
    }

    /// A transaction that writes from its beginning, so that it waits for others here and never half way.
    pub(super) async fn begin(&self) -> Result<Writing<'_>> {
        let mut slot = self.slot.lock().await;
        if slot.is_none() {
            *slot = Some(self.options.connect().await?);
        }
        let mut writing = Writing { slot, ended: false };
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *writing).await?;
        Ok(writing)
    }
}

/// A transaction that writes.
pub(super) struct Writing<'a> {
    slot: MutexGuard<'a, Option<SqliteConnection>>,
    ended: bool,
}

impl Writing<'_> {
    /// Makes it durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        sqlx::query("COMMIT").execute(&mut *self).await?;
        self.ended = true;
        Ok(())
    }

    /// Leaves nothing.
    pub(super) async fn rollback(mut self) -> Result<()> {
        sqlx::query("ROLLBACK").execute(&mut *self).await?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if !self.ended {
            *self.slot = None;
        }
    }
}

impl Deref for Writing<'_> {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        self.slot.as_ref().expect("filled before it is lent, emptied when it is dropped")
    }
}

impl DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.slot.as_mut().expect("filled before it is lent, emptied when it is dropped")
    }
}

/// Does something in one transaction, and makes it durable when it went well. What was refused leaves nothing; after a
/// fault the connection is not used again.
macro_rules! transaction {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut writing = $store.writer.begin().await?;
        let $c = &mut *writing;
        let result = match $call.await {
            Ok(done) => writing.commit().await.map(|()| done),
            Err(refused @ $crate::store::error::StoreError::Refused(_)) => {
                writing.rollback().await?;
                Err(refused)
            }
            Err(fault) => Err(fault),
        };
        result.map_err($crate::Error::from)
    }};
}

/// Reads by one statement.
macro_rules! read {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut reading = $store.readers.take().await?;
        let $c = &mut *reading;
        let result = $call.await?;
        reading.done();
        Ok::<_, $crate::Error>(result)
    }};
}

/// Reads by several statements from one snapshot. A refusal is an answer too: the connection goes back.
macro_rules! snapshot {
    ($store:expr, $c:ident => $call:expr) => {{
        let mut reading = $store.readers.begin().await?;
        let $c = &mut *reading;
        let result = $call.await;
        if matches!(result, Ok(_) | Err($crate::store::error::StoreError::Refused(_))) {
            reading.end().await?;
        }
        result.map_err($crate::Error::from)
    }};
}

pub(super) use {read, snapshot, transaction};

/// The connections that read. The one used last is lent first, so that a quiet server has one.
pub(super) struct Readers {
    options: SqliteConnectOptions,
    permits: Semaphore,
    idle: std::sync::Mutex<Vec<SqliteConnection>>,
}

impl Readers {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self {
            options,
            permits: Semaphore::new(READERS),
            idle: std::sync::Mutex::new(Vec::with_capacity(READERS)),
        }
    }

    /// A connection for one statement.
    pub(super) async fn take(&self) -> Result<Reading<'_>> {
        let permit = self.permits.acquire().await.map_err(|error| StoreError::Internal(error.to_string()))?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Reading { connection: Some(connection), readers: self, _permit: permit })
    }

    /// A transaction: all of its statements see the same snapshot.
    pub(super) async fn begin(&self) -> Result<Reading<'_>> {
        let mut reading = self.take().await?;
        sqlx::query("BEGIN").execute(&mut *reading).await?;
        Ok(reading)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A connection that reads.
pub(super) struct Reading<'a> {
    connection: Option<SqliteConnection>,
    readers: &'a Readers,
    _permit: SemaphorePermit<'a>,
}

impl Reading<'_> {
    /// Gives it back after [`Readers::take`].
    pub(super) fn done(mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.idle().push(connection);
        }
    }

    /// Lets the snapshot of [`Readers::begin`] go, and gives the connection back.
    pub(super) async fn end(mut self) -> Result<()> {
        sqlx::query("COMMIT").execute(&mut *self).await?;
        self.done();
        Ok(())
    }
}

impl Deref for Reading<'_> {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("given back only at its end")
    }
}

impl DerefMut for Reading<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("given back only at its end")
    }
}
