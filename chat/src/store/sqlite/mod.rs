//! SQLite, embedded, with a write-ahead log that is synced at each commit.

mod backup;
mod connections;
mod create;
mod delete_account;
mod dialect;
mod erasure;
mod lists;
mod locks;
mod mark_sql;
mod open;
mod redate;
mod send_sql;
#[cfg(test)]
mod tests;
mod unused_space;

// Compiled for each database with its own types.
#[path = "../shared_sql/mod.rs"]
mod shared_sql;

use crate::store::WebhookSwitch;
use crate::{Error, Result};
pub use backup::Counts;
use connections::{READERS, WRITERS, pool};
use protocol::{MessageId, Timestamp};
use sqlx::SqlitePool;
use std::path::Path;

/// A database file.
pub struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
    webhooks: WebhookSwitch,
}

// The types that the shared modules are compiled for.
type Backend = Sqlite;
type Connection = sqlx::SqliteConnection;
type Database = sqlx::Sqlite;
type Row = sqlx::sqlite::SqliteRow;

impl Sqlite {
    /// Creates the file with all migrations, if it is missing. An existing file is not opened.
    ///
    /// # Errors
    /// The file cannot be created, or is empty.
    pub async fn create(path: impl AsRef<Path>) -> Result<()> {
        Ok(create::create_if_missing(path.as_ref()).await?)
    }

    /// Opens the file, or creates it, and applies migrations.
    ///
    /// # Errors
    /// The file cannot be opened or migrated, is empty or no database, or the SQLite that this program was built with is too
    /// old.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::create(&path).await?;
        let opened = Self::open_existing(&path).await?;
        opened.ok_or_else(|| Error::Unavailable(format!("{} was removed", path.as_ref().display())))
    }

    /// Like [`Self::open`], and creates nothing; `None` if the file is missing.
    ///
    /// # Errors
    /// The errors of [`Self::open`].
    pub async fn open_existing(path: impl AsRef<Path>) -> Result<Option<Self>> {
        let path = path.as_ref();
        if !create::is_there(path)? {
            return Ok(None);
        }
        open::prepare(path).await?;
        let (writer, readers) = (pool(open::writing(path), WRITERS), pool(open::reading(path), READERS));
        Ok(Some(Self { writer, readers, webhooks: WebhookSwitch::default() }))
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
