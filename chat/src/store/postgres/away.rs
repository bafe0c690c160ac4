//! Whether the database is away, and when it is worth trying again: one at a time, less and less often, so that requests
//! are refused at once meanwhile and the database is not run over when it returns.

use super::open;
use crate::lock::lock;
use crate::store::error::{Result, StoreError};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A connection is there within this time, or it is not.
const CONNECT: Duration = Duration::from_secs(3);
/// Between the first two tries, and between the later ones.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Makes a connection, if it can be made in time.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let made = timeout(CONNECT, async {
        let mut connection = options.connect().await?;
        open::settle(&mut connection).await?;
        Ok(connection)
    });
    made.await.unwrap_or_else(|_| Err(StoreError::Timeout("no connection within 3 s")))
}

/// What all connections of a store know together.
#[derive(Default)]
pub(super) struct Away {
    /// Grows when one connection was found dead: then those of before are dead as well.
    era: AtomicU64,
    /// None: it is there.
    next: Mutex<Option<Next>>,
}

/// The next try.
struct Next {
    at: Instant,
    failures: u32,
}

impl Away {
    /// Makes a connection, or fails at once when it is not worth trying yet.
    pub(super) async fn connect(&self, options: &PgConnectOptions) -> Result<PgConnection> {
        self.may_try()?;
        match connect(options).await {
            Ok(connection) => {
                if lock(&self.next).take().is_some() {
                    tracing::info!("the database is back");
                }
                Ok(connection)
            }
            Err(error) => {
                self.failed(&error);
                Err(error)
            }
        }
    }

    /// The time of those connections that are alive as far as is known.
    pub(super) fn era(&self) -> u64 {
        self.era.load(Ordering::Relaxed)
    }

    /// A connection of that time is dead.
    pub(super) fn died(&self, era: u64) {
        let _ = self.era.compare_exchange(era, era + 1, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// A connection was not answered, or could not be made.
    pub(super) fn failed(&self, error: &StoreError) {
        let mut next = lock(&self.next);
        let failures = next.as_ref().map_or(0, |next| next.failures);
        if failures == 0 {
            tracing::warn!(cause = %error, "the database is away");
        }
        let wait = LONGEST_WAIT.min(FIRST_WAIT * 2_u32.saturating_pow(failures.min(10)));
        *next = Some(Next { at: Instant::now() + wait, failures: failures.saturating_add(1) });
    }

    fn may_try(&self) -> Result<()> {
        let mut next = lock(&self.next);
        let Some(next) = next.as_mut() else { return Ok(()) };
        let now = Instant::now();
        if now < next.at {
            return Err(StoreError::Timeout("it is away"));
        }
        // This one tries for all.
        next.at = now + CONNECT;
        Ok(())
    }
}
