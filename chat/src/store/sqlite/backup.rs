//! Backups: copies a database beside a running server, checks a copy, and prepares a restored one for use.

use super::connections::transaction;
use super::{Sqlite, create, open};
use crate::store::error::{Result, StoreError};
use serde::{Deserialize, Serialize};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};

/// Numbers of rows of a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Number of accounts.
    pub accounts: i64,
    /// Number of conversations of any kind.
    pub conversations: i64,
    /// Number of messages, tombstones included.
    pub messages: i64,
}

/// How far all counters jump after a restore: further than they can have grown since the backup.
const AHEAD: i64 = 1_000_000;

/// Copies one snapshot, whatever is written meanwhile.
const COPY: &str = "VACUUM INTO $1";

/// Messages whose conversation or sender does not exist. The table has no foreign keys, which would cost a lookup for each
/// insert.
const DANGLING: &str = "SELECT 1 FROM message m \
     WHERE NOT EXISTS (SELECT 1 FROM conversation c WHERE c.id = m.conversation_id) \
        OR NOT EXISTS (SELECT 1 FROM account a WHERE a.id = m.sender_id) LIMIT 1";

/// Moves all counters and ids past anything that a client can have seen of the lost history. Such a client is then merely far
/// behind, and loads the current state (docs/decisions.md).
const STEP_AHEAD: [&str; 4] = [
    "UPDATE conversation SET rev = rev + $1",
    "UPDATE account SET user_rev = user_rev + $1",
    "UPDATE erased SET message_id = max(message_id, coalesce((SELECT max(id) FROM message), 0)) + $1",
    "UPDATE sqlite_sequence SET seq = seq + $1",
];

impl Sqlite {
    /// Parses `sqlite:PATH`.
    ///
    /// # Errors
    /// The URL names no file.
    pub fn path_of(url: &str) -> crate::Result<PathBuf> {
        Ok(open::path_of(url)?)
    }

    /// Copies one snapshot of the database into another file, which must be empty or not exist. It neither migrates nor locks
    /// anything: a server may go on writing.
    ///
    /// # Errors
    /// The file cannot be read, or the copy cannot be written.
    pub async fn copy(from: &Path, to: &Path) -> crate::Result<()> {
        Ok(copy(from, to).await?)
    }

    /// Checks a whole file that nobody writes, and counts its rows. Changes nothing.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub async fn examine(path: &Path) -> crate::Result<Counts> {
        Ok(examine(path).await?)
    }

    /// Moves all counters and ids ahead, after the database was restored from a backup.
    ///
    /// # Errors
    /// The database is unavailable; then nothing was changed.
    pub async fn step_ahead(&self) -> crate::Result<()> {
        transaction!(self, c => step_ahead(c))
    }
}

async fn copy(from: &Path, to: &Path) -> Result<()> {
    // SQLite would read an empty file as a database without tables.
    create::is_there(from)?;
    let mut connection = open::reading(from).connect().await?;
    let to =
        to.to_str().ok_or_else(|| StoreError::Internal(format!("{to:?} is not a valid database path")))?;
    sqlx::query(COPY).bind(to).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

async fn step_ahead(c: &mut SqliteConnection) -> Result<()> {
    for statement in STEP_AHEAD {
        sqlx::query(statement).bind(AHEAD).execute(&mut *c).await?;
    }
    Ok(())
}

async fn examine(path: &Path) -> Result<Counts> {
    let mut connection = open::reading(path).connect().await?;
    let c = &mut connection;
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(3)").fetch_all(&mut *c).await?;
    if found != ["ok"] {
        return Err(StoreError::Internal(format!("the database is damaged: {}", found.join("; "))));
    }
    for dangling in ["PRAGMA foreign_key_check", DANGLING] {
        if sqlx::query(dangling).fetch_optional(&mut *c).await?.is_some() {
            let why = "the database is damaged: rows refer to rows that are not there";
            return Err(StoreError::Internal(why.into()));
        }
    }
    let (accounts, conversations, messages) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM conversation), (SELECT count(*) FROM message)",
    )
    .fetch_one(c)
    .await?;
    connection.close().await?;
    Ok(Counts { accounts, conversations, messages })
}
