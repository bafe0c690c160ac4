//! Parts of the shared statements that SQLite writes in another way than Postgres.

use super::shared_sql::rows::get;
use super::{Connection, Row};
use crate::store::error::{Result, StoreError};
use protocol::{Timestamp, UserId};

/// Membership in the list of this parameter, which [`numbers`] makes.
macro_rules! among {
    ($parameter:literal) => {
        concat!("IN (SELECT value FROM json_each(", $parameter, "))")
    };
}

/// The list of this parameter, which [`texts`] makes, as rows `j` with the column `value`.
macro_rules! each_text {
    ($parameter:literal) => {
        concat!("json_each(", $parameter, ") j")
    };
}

/// The JSON array of this parameter as rows `j` with the column `value`, a JSON array of cells.
macro_rules! json_rows {
    ($parameter:literal) => {
        concat!("json_each(", $parameter, ") j")
    };
}

/// Bytes from a cell in hexadecimal.
macro_rules! bytes {
    ($text:literal) => {
        concat!("unhex(", $text, ")")
    };
}

/// A join in the order in which it is written.
macro_rules! join {
    () => {
        "CROSS JOIN"
    };
}

/// The largest of these.
macro_rules! largest {
    ($one:literal $(, $other:literal)+) => {
        concat!("max(", $one, $(", ", $other,)+ ")")
    };
}

/// A limit by this parameter. SQLite would prepare a statement with a bare parameter again whenever it is bound, since the plan
/// may depend on the value (`sqlite3ExprIsInteger`); it does not evaluate a sum.
macro_rules! at_most {
    ($parameter:literal) => {
        concat!(" LIMIT ", $parameter, " + 0")
    };
}

/// Row locks: none, since there is one write transaction at a time.
macro_rules! locked {
    () => {
        ""
    };
}

/// The highest id that a message has or had. In a write transaction the following ones are free.
macro_rules! last_message_id {
    () => {
        "(SELECT max(coalesce((SELECT max(id) FROM message), 0), (SELECT message_id FROM erased)))"
    };
}

/// The id of a message that is inserted outside of a batch.
macro_rules! next_message_id {
    () => {
        concat!($crate::store::sqlite::dialect::last_message_id!(), " + 1")
    };
}

pub(super) use {
    among, at_most, bytes, each_text, join, json_rows, largest, last_message_id, locked, next_message_id,
};

/// Inserts a revocation.
const NOTE: &str = "INSERT INTO revocation (user_id, session, created_at) VALUES ($1, $2, $3)";

// The `AUTOINCREMENT` sequence, which does not fall when old revocations are deleted.
pub(super) const LAST_NOTE: &str =
    "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'revocation'";

/// Writes a revocation of one sign-in, or of all.
pub(super) async fn note(
    c: &mut Connection,
    user: UserId,
    session: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(NOTE).bind(user.0).bind(session).bind(now.0).execute(c).await?;
    Ok(())
}

/// A truth value.
pub(super) fn truth(row: &Row, at: usize) -> Result<bool> {
    get(row, at)
}

/// A list of numbers as a parameter.
pub(super) fn numbers(numbers: impl IntoIterator<Item = i64>) -> Result<String> {
    json(&numbers.into_iter().collect::<Vec<_>>())
}

/// A list of texts as a parameter.
pub(super) fn texts(texts: &[String]) -> Result<String> {
    json(texts)
}

/// Serialises the creation of accounts: nothing to do, since there is one write transaction at a time.
pub(super) async fn founds_accounts(_: &mut Connection) -> Result<()> {
    Ok(())
}

/// Reserves ids for this number of messages, which are inserted in the same transaction.
pub(super) async fn message_ids(c: &mut Connection, count: usize) -> Result<Vec<i64>> {
    let last: i64 = sqlx::query_scalar(concat!("SELECT ", last_message_id!())).fetch_one(c).await?;
    Ok((last + 1..).take(count).collect())
}

/// Bytes for SQLite's `unhex`, since JSON carries no bytes.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*bytes).simple().to_string()
}

/// JSON for SQLite's `json_each`.
pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}

/// Parses the result of SQLite's `json_group_array`.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Internal(error.to_string()))
}
