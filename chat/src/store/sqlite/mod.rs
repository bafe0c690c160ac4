//! SQLite, embedded, with a write-ahead log that is synced at each commit.

mod backup;
mod connections;
mod dialect;
mod erase;
mod errors;
mod lists;
mod locks;
mod mark_sql;
mod open;
mod redate;
mod send_sql;
#[cfg(test)]
mod tests;

// Compiled for each database with its own types.
#[path = "../shared_sql/mod.rs"]
mod shared_sql;

use crate::Result;
pub use backup::Counts;
use connections::{Connections, READERS, WRITERS};
pub(super) use errors::classify;
use protocol::{MessageId, Timestamp};
use std::path::Path;

/// A database file.
pub struct Sqlite {
    writer: Connections,
    readers: Connections,
}

// The types that the shared modules are compiled for.
type Backend = Sqlite;
type Connection = sqlx::SqliteConnection;
type Database = sqlx::Sqlite;
type Row = sqlx::sqlite::SqliteRow;

impl Sqlite {
    /// Opens the file, or creates it, and applies migrations.
    ///
    /// # Errors
    /// The file cannot be opened or migrated, or the SQLite that this program was built with is too old.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        open::prepare(path).await?;
        Ok(Self {
            writer: Connections::new(open::writing(path), WRITERS),
            readers: Connections::new(open::reading(path), READERS),
        })
    }

    /// Opens `sqlite:PATH` (or `sqlite://PATH`).
    ///
    /// # Errors
    /// The URL names no file, or [`Self::open`] fails.
    pub async fn open_url(url: &str) -> Result<Self> {
        Self::open(open::path_of(url)?).await
    }

    /// Sets the times of messages, for a generated history that nobody has read yet. The order stays as it is.
    ///
    /// # Errors
    /// The database is unavailable; then nothing was changed.
    pub async fn redate(&self, moments: &[(MessageId, Timestamp)]) -> Result<()> {
        redate::all(self, moments).await
    }
}
