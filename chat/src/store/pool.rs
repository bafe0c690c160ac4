//! Connection pool of both databases.
//!
//! sqlx's own pool pings each connection in a task of its own when it is released, which costs a query of one row a third
//! more (docs/decisions.md). Here a connection is reused only if its user released it, after a transaction that ended. One
//! that is dropped, by an error or with its future, is closed, and the database rolls its transaction back.

use super::error::{Result, StoreError};
use crate::lock::lock;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Counts how often connections were found dead. A connection of an earlier generation is not reused.
pub(super) type Generation = Arc<AtomicU64>;

/// A limited number of connections. Those who wait for one get it in order.
pub(super) struct Pool<C> {
    permits: Semaphore,
    idle: Mutex<Vec<(C, u64)>>,
    generation: Generation,
}

impl<C> Pool<C> {
    /// A pool of at most `size` connections. Pools of one server share the generation.
    pub(super) fn new(size: usize, generation: Generation) -> Self {
        Self { permits: Semaphore::new(size), idle: Mutex::new(Vec::new()), generation }
    }

    /// Waits for a free connection, and opens one by `connect` if none is idle. The one that was released last is reused
    /// first, so that a quiet server needs few.
    pub(super) async fn acquire(
        &self,
        connect: impl AsyncFnOnce() -> Result<C>,
    ) -> Result<PooledConnection<'_, C>> {
        let permit = self.permits.acquire().await.map_err(|error| StoreError::Internal(error.to_string()))?;
        let generation = self.generation.load(Ordering::Relaxed);
        let idle = {
            let mut idle = lock(&self.idle);
            idle.retain(|(_, of)| *of == generation);
            idle.pop()
        };
        let connection = match idle {
            Some((connection, _)) => connection,
            None => connect().await?,
        };
        Ok(PooledConnection { connection: Some(connection), generation, pool: self, _permit: permit })
    }
}

/// A connection in use. It is closed when it is dropped, unless it was released.
pub(super) struct PooledConnection<'a, C> {
    /// `None` only after [`Self::release`].
    connection: Option<C>,
    generation: u64,
    pool: &'a Pool<C>,
    _permit: SemaphorePermit<'a>,
}

impl<C> PooledConnection<'_, C> {
    /// Returns the connection to the pool. No transaction may be open.
    pub(super) fn release(mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.pool.idle).push((connection, self.generation));
        }
    }

    /// Closes the connection, and all others that were opened before it was found dead.
    pub(super) fn close_generation(self) {
        // Fails if another connection of this generation did it first.
        let _ = self.pool.generation.compare_exchange(
            self.generation,
            self.generation + 1,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
    }
}

impl<C> Deref for PooledConnection<'_, C> {
    type Target = C;
    fn deref(&self) -> &C {
        self.connection.as_ref().expect("only release takes it, by value")
    }
}

impl<C> DerefMut for PooledConnection<'_, C> {
    fn deref_mut(&mut self) -> &mut C {
        self.connection.as_mut().expect("only release takes it, by value")
    }
}
