//! What Postgres says otherwise than others, for the statements that all databases share.

use super::rows::get;
use super::{Connection, Row};
use crate::store::error::Result;
use protocol::{Timestamp, UserId};
use sqlx::{Column as _, Row as _, TypeInfo as _};

/// Is among the numbers of this parameter, as [`numbers`] makes it.
macro_rules! among {
    ($parameter:literal) => {
        concat!("= ANY(", $parameter, ")")
    };
}

/// The texts of this parameter, as [`texts`] makes it, as rows `j` with the column `value`.
macro_rules! each_text {
    ($parameter:literal) => {
        concat!("unnest(", $parameter, "::text[]) AS j (value)")
    };
}

/// A join: Postgres finds an order by itself.
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

/// At most so many rows as this parameter says.
macro_rules! at_most {
    ($parameter:literal) => {
        concat!(" LIMIT ", $parameter)
    };
}

/// Locks rows by their ids in order, so that two who lock the same never wait for each other.
macro_rules! locked {
    () => {
        " ORDER BY id FOR NO KEY UPDATE"
    };
}

/// The id of a message that is written by itself.
macro_rules! next_message_id {
    () => {
        "nextval('message_id')"
    };
}

pub(super) use {among, at_most, each_text, join, largest, locked, next_message_id};

// The lock of the one row is held until the commit: numbers appear in their order.
const NOTE: &str = "WITH next AS (UPDATE last_revocation SET id = id + 1 RETURNING id) \
     INSERT INTO revocation (id, user_id, session, created_at) SELECT next.id, $1, $2, $3 FROM next";

pub(super) const LAST_NOTE: &str = "SELECT id FROM last_revocation";

/// Which lock makes accounts be made one after another.
const FOUNDING: i64 = 0x5241_5050_4f52_5401;

/// Notes the end of one sign-in, or of all: the last thing in a transaction that locks a row.
pub(super) async fn note(
    c: &mut Connection,
    user: UserId,
    session: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(NOTE).bind(user.0).bind(session).bind(now.0).execute(c).await?;
    Ok(())
}

/// A column that says yes or no: a comparison, or a flag.
pub(super) fn truth(row: &Row, at: usize) -> Result<bool> {
    if row.column(at).type_info().name() == "BOOL" { get(row, at) } else { Ok(get::<i64>(row, at)? != 0) }
}

/// A list of numbers as a parameter.
#[allow(clippy::unnecessary_wraps)] // Elsewhere it can fail.
pub(super) fn numbers(numbers: impl IntoIterator<Item = i64>) -> Result<Vec<i64>> {
    Ok(numbers.into_iter().collect())
}

/// A list of texts as a parameter.
#[allow(clippy::unnecessary_wraps)] // Elsewhere it can fail.
pub(super) fn texts(texts: &[String]) -> Result<&[String]> {
    Ok(texts)
}

/// Makes accounts alone, until the end of the transaction: so that two firsts cannot be.
pub(super) async fn founds_accounts(c: &mut Connection) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(FOUNDING).execute(c).await?;
    Ok(())
}
