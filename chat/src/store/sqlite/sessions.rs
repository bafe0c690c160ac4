//! Sign-ins, and the notes of their ends that running servers follow.

use super::rows::get;
use super::{Sqlite, fault};
use crate::Result;
use crate::store::{Revocation, StoredSession};
use protocol::{Timestamp, UserId};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

/// Notes are kept this long: far longer than a running server takes to read them.
const NOTES_KEPT_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

macro_rules! session_columns {
    () => {
        "id, user_id, data, expires_at, device, began_at, used_at"
    };
}

fn session(row: &SqliteRow) -> Result<StoredSession> {
    Ok(StoredSession {
        id: get(row, 0)?,
        user: get::<Option<i64>>(row, 1)?.map(UserId),
        data: get(row, 2)?,
        expires_at: Timestamp(get(row, 3)?),
        device: get(row, 4)?,
        began_at: Timestamp(get(row, 5)?),
        used_at: Timestamp(get(row, 6)?),
    })
}

/// Notes the end of one sign-in, or of all.
pub(super) async fn note(
    c: &mut SqliteConnection,
    user: UserId,
    session: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO revocation (user_id, session, created_at) VALUES (?1, ?2, ?3)")
        .bind(user.0)
        .bind(session)
        .bind(now.0)
        .execute(c)
        .await
        .map_err(fault)?;
    Ok(())
}

pub(super) async fn save(store: &Sqlite, session: &StoredSession) -> Result<()> {
    let mut transaction = store.pen.begin().await?;
    sqlx::query(
        "INSERT INTO session (id, user_id, data, expires_at, device, began_at, used_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE \
         SET user_id = excluded.user_id, data = excluded.data, expires_at = excluded.expires_at, \
            device = excluded.device, used_at = excluded.used_at",
    )
    .bind(&session.id)
    .bind(session.user.map(|user| user.0))
    .bind(&session.data)
    .bind(session.expires_at.0)
    .bind(&session.device)
    .bind(session.began_at.0)
    .bind(session.used_at.0)
    .execute(&mut *transaction)
    .await
    .map_err(fault)?;
    transaction.commit().await
}

pub(super) async fn get_one(
    c: &mut SqliteConnection,
    id: &str,
    now: Timestamp,
) -> Result<Option<StoredSession>> {
    sqlx::query(concat!("SELECT ", session_columns!(), " FROM session WHERE id = ?1 AND expires_at > ?2"))
        .bind(id)
        .bind(now.0)
        .fetch_optional(c)
        .await
        .map_err(fault)?
        .as_ref()
        .map(session)
        .transpose()
}

pub(super) const OF: &str =
    concat!("SELECT ", session_columns!(), " FROM session WHERE user_id = ?1 AND expires_at > ?2");

pub(super) async fn of(c: &mut SqliteConnection, user: UserId, now: Timestamp) -> Result<Vec<StoredSession>> {
    let rows = sqlx::query(OF).bind(user.0).bind(now.0).fetch_all(c).await.map_err(fault)?;
    rows.iter().map(session).collect()
}

pub(super) async fn swap(
    store: &Sqlite,
    id: &str,
    [from, to]: [&str; 2],
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    let mut transaction = store.pen.begin().await?;
    let done = sqlx::query(
        "UPDATE session SET data = ?3, expires_at = ?4, used_at = ?5 WHERE id = ?1 AND data = ?2",
    )
    .bind(id)
    .bind(from)
    .bind(to)
    .bind(expires_at.0)
    .bind(now.0)
    .execute(&mut *transaction)
    .await
    .map_err(fault)?;
    transaction.commit().await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn end_one(store: &Sqlite, id: &str, now: Timestamp) -> Result<()> {
    let mut transaction = store.pen.begin().await?;
    let whose: Option<Option<i64>> =
        sqlx::query_scalar("DELETE FROM session WHERE id = ?1 RETURNING user_id")
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(fault)?;
    if let Some(user) = whose.flatten() {
        note(&mut transaction, UserId(user), Some(id), now).await?;
    }
    transaction.commit().await
}

pub(super) async fn sweep(store: &Sqlite, now: Timestamp) -> Result<u64> {
    let mut transaction = store.pen.begin().await?;
    let swept = sqlx::query("DELETE FROM session WHERE expires_at <= ?1")
        .bind(now.0)
        .execute(&mut *transaction)
        .await
        .map_err(fault)?;
    sqlx::query("DELETE FROM revocation WHERE created_at < ?1")
        .bind(now.0 - NOTES_KEPT_MICROS)
        .execute(&mut *transaction)
        .await
        .map_err(fault)?;
    transaction.commit().await?;
    Ok(swept.rows_affected())
}

pub(super) async fn revocations(c: &mut SqliteConnection, after: i64) -> Result<Vec<Revocation>> {
    let rows = sqlx::query("SELECT id, user_id, session FROM revocation WHERE id > ?1 ORDER BY id")
        .bind(after)
        .fetch_all(c)
        .await
        .map_err(fault)?;
    rows.iter()
        .map(|row| Ok(Revocation { id: get(row, 0)?, user: UserId(get(row, 1)?), session: get(row, 2)? }))
        .collect()
}

/// From SQLite's own count, which does not fall when old notes are swept out.
pub(super) async fn last_revocation(c: &mut SqliteConnection) -> Result<i64> {
    sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'revocation'")
        .fetch_one(c)
        .await
        .map_err(fault)
}
