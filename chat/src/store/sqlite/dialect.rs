//! What SQLite says otherwise than others, for the statements that all databases share.

use super::rows::get;
use super::{Connection, Row};
use crate::store::error::{Result, StoreError};
use protocol::{Timestamp, UserId};

/// Is among the numbers of this parameter, as [`numbers`] makes it.
macro_rules! among {
    ($parameter:literal) => {
        concat!("IN (SELECT value FROM json_each(", $parameter, "))")
    };
}

/// The texts of this parameter, as [`texts`] makes it, as rows `j` with the column `value`.
macro_rules! each_text {
    ($parameter:literal) => {
        concat!("json_each(", $parameter, ") j")
    };
}

/// A join that is done in the order in which it is written.
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

/// At most so many rows as this parameter says. A bare parameter would have SQLite make the statement anew whenever it is
/// bound, since its plan may depend on the value (`sqlite3ExprIsInteger`); a sum it does not look into.
macro_rules! at_most {
    ($parameter:literal) => {
        concat!(" LIMIT ", $parameter, " + 0")
    };
}

/// Locks rows by their ids in order: whoever writes here is alone anyhow.
macro_rules! locked {
    () => {
        ""
    };
}

/// The highest id that a message has or had; asked within a transaction that writes, the next ones are free.
macro_rules! last_message_id {
    () => {
        "(SELECT max(coalesce((SELECT max(id) FROM message), 0), (SELECT message_id FROM erased)))"
    };
}

/// The id of a message that is written by itself.
macro_rules! next_message_id {
    () => {
        concat!($crate::store::sqlite::dialect::last_message_id!(), " + 1")
    };
}

pub(super) use {among, at_most, each_text, join, largest, last_message_id, locked, next_message_id};

/// Notes an end of sign-ins.
const NOTE: &str = "INSERT INTO revocation (user_id, session, created_at) VALUES ($1, $2, $3)";

// From SQLite's own count, which does not fall when old notes are swept out.
pub(super) const LAST_NOTE: &str =
    "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'revocation'";

/// Notes the end of one sign-in, or of all.
pub(super) async fn note(
    c: &mut Connection,
    user: UserId,
    session: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(NOTE).bind(user.0).bind(session).bind(now.0).execute(c).await?;
    Ok(())
}

/// A column that says yes or no.
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

/// Makes accounts alone: whoever writes here is.
pub(super) async fn founds_accounts(_: &mut Connection) -> Result<()> {
    Ok(())
}

/// Bytes for SQLite's `unhex`, since JSON carries no bytes.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*bytes).simple().to_string()
}

/// JSON for SQLite's `json_each`.
pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}

/// What SQLite's `json_group_array` answers.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Internal(error.to_string()))
}
