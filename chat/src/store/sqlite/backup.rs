//! Copies of the database: made beside a running server, looked through, put to use again.

use super::connections::transaction;
use super::{Sqlite, open};
use crate::store::error::{Result, StoreError};
use serde::{Deserialize, Serialize};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};

/// How much a database holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Number of accounts.
    pub accounts: i64,
    /// Conversations of any kind.
    pub conversations: i64,
    /// Messages, tombstones included.
    pub messages: i64,
}

/// So far all counters go ahead when a backup is put to use: further than anything that happened after it was made.
const AHEAD: i64 = 1_000_000;

/// Of one snapshot, whatever is written meanwhile.
const COPY: &str = "VACUUM INTO $1";

/// Messages name their conversation and sender without a reference, which would be looked up for each.
const DANGLING: &str = "SELECT 1 FROM message m \
     WHERE NOT EXISTS (SELECT 1 FROM conversation c WHERE c.id = m.conversation_id) \
        OR NOT EXISTS (SELECT 1 FROM account a WHERE a.id = m.sender_id) LIMIT 1";

/// A client that knows more than the database, of a time that is gone, must not take what happens now for what it has
/// seen. With all counters past whatever it can know, it is merely far behind, and loads what there is. Ids do not come
/// a second time, either.
const STEP_AHEAD: [&str; 4] = [
    "UPDATE conversation SET rev = rev + $1",
    "UPDATE account SET user_rev = user_rev + $1",
    "UPDATE erased SET message_id = max(message_id, coalesce((SELECT max(id) FROM message), 0)) + $1",
    "UPDATE sqlite_sequence SET seq = seq + $1",
];

impl Sqlite {
    /// The file that `sqlite:PATH` names.
    ///
    /// # Errors
    /// It names none.
    pub fn path_of(url: &str) -> crate::Result<PathBuf> {
        Ok(open::path_of(url)?)
    }

    /// Writes what the file holds at this moment into another, which must be empty or not there. Neither migrates nor
    /// locks anything: a server may go on writing.
    ///
    /// # Errors
    /// The file cannot be read, or the copy not be written.
    pub async fn copy(from: &Path, to: &Path) -> crate::Result<()> {
        Ok(copy(from, to).await?)
    }

    /// Looks through the whole of a file that nobody writes, and counts what it holds. Changes nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn examine(path: &Path) -> crate::Result<Counts> {
        Ok(examine(path).await?)
    }

    /// Begins a new life of the database, after it was put back from a backup: all counters and ids go on far beyond what
    /// anybody can have seen of the old one.
    ///
    /// # Errors
    /// The database is away; then nothing was changed.
    pub async fn step_ahead(&self) -> crate::Result<()> {
        transaction!(self, c => step_ahead(c))
    }
}

async fn copy(from: &Path, to: &Path) -> Result<()> {
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
