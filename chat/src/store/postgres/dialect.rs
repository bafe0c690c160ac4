//! Parts of the shared statements that Postgres writes in another way than SQLite.

use super::shared_sql::rows::get;
use super::{Connection, Row};
use crate::store::error::{Result, StoreError};
use protocol::{Timestamp, UserId};
use sqlx::{Column as _, Row as _, TypeInfo as _};

/// Membership in the list of this parameter, which [`numbers`] makes.
macro_rules! among {
    ($parameter:literal) => {
        concat!("= ANY(", $parameter, ")")
    };
}

/// The list of this parameter, which [`texts`] makes, as rows `j` with the column `value`.
macro_rules! each_text {
    ($parameter:literal) => {
        concat!("unnest(", $parameter, "::text[]) AS j (value)")
    };
}

/// The JSON array of this parameter as rows `j` with the column `value`, a JSON array of cells.
macro_rules! json_rows {
    ($parameter:literal) => {
        concat!("jsonb_array_elements(", $parameter, "::jsonb) AS j (value)")
    };
}

/// Bytes from a cell in hexadecimal.
macro_rules! bytes {
    ($text:literal) => {
        concat!("decode(", $text, ", 'hex')")
    };
}

/// A join; the planner chooses the order.
macro_rules! join {
    () => {
        "JOIN"
    };
}

/// The largest of these.
macro_rules! largest {
    ($one:literal $(, $other:literal)+) => {
        concat!("greatest(", $one, $(", ", $other,)+ ")")
    };
}

/// A limit by this parameter.
macro_rules! at_most {
    ($parameter:literal) => {
        concat!(" LIMIT ", $parameter)
    };
}

/// Locks rows in the order of their ids, so that two transactions never deadlock on them.
macro_rules! locked {
    () => {
        " ORDER BY id FOR NO KEY UPDATE"
    };
}

/// The id of a message that is inserted outside of a batch.
macro_rules! next_message_id {
    () => {
        "nextval('message_id')"
    };
}

pub(super) use {among, at_most, bytes, each_text, join, json_rows, largest, locked, next_message_id};

// The lock of the single row is held until the commit, so that numbers appear in their order.
const NOTE: &str = "WITH next AS (UPDATE last_revocation SET id = id + 1 RETURNING id) \
     INSERT INTO revocation (id, user_id, session, created_at) SELECT next.id, $1, $2, $3 FROM next";

pub(super) const LAST_NOTE: &str = "SELECT id FROM last_revocation";

/// Key of the advisory lock that serialises the creation of accounts.
const FOUNDING: i64 = 0x5241_5050_4f52_5401;

/// Writes a revocation of one sign-in, or of all. No other row is locked after it in a transaction.
pub(super) async fn note(
    c: &mut Connection,
    user: UserId,
    session: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(NOTE).bind(user.0).bind(session).bind(now.0).execute(c).await?;
    Ok(())
}

/// A truth value: a comparison, or a flag.
pub(super) fn truth(row: &Row, at: usize) -> Result<bool> {
    if row.column(at).type_info().name() == "BOOL" { get(row, at) } else { Ok(get::<i64>(row, at)? != 0) }
}

/// A list of numbers as a parameter.
#[allow(clippy::unnecessary_wraps, reason = "SQLite's can fail")]
pub(super) fn numbers(numbers: impl IntoIterator<Item = i64>) -> Result<Vec<i64>> {
    Ok(numbers.into_iter().collect())
}

/// A list of texts as a parameter.
#[allow(clippy::unnecessary_wraps, reason = "SQLite's can fail")]
pub(super) fn texts(texts: &[String]) -> Result<&[String]> {
    Ok(texts)
}

/// Serialises the creation of accounts until the end of the transaction, so that one of them is the first.
pub(super) async fn founds_accounts(c: &mut Connection) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(FOUNDING).execute(c).await?;
    Ok(())
}

/// Reserves ids for this number of messages.
pub(super) async fn message_ids(c: &mut Connection, count: usize) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT nextval('message_id') FROM generate_series(1, $1)")
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_all(c)
        .await
        .map_err(StoreError::from)
}

/// Lower-case hexadecimal, which `decode` reads: JSON carries no bytes.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*bytes).simple().to_string()
}

/// JSON for `jsonb_array_elements`.
pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}
