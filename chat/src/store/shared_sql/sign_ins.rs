//! Sign-ins and their revocations.

use super::connections::transaction;
use super::dialect::{LAST_NOTE, note};
use super::rows::get;
use super::{Backend, Connection, Row};
use crate::store::error::{Result, StoreError};
use crate::store::{Revocation, StoredSignIn, TokenSwap};
use protocol::{Timestamp, UserId};

/// How long revocations are kept, in microseconds: far longer than a node takes to read them.
const NOTES_KEPT_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

macro_rules! session_columns {
    () => {
        "id, user_id, data, expires_at, device, began_at, used_at, address"
    };
}

fn session(row: &Row) -> Result<StoredSignIn> {
    Ok(StoredSignIn {
        id: get(row, 0)?,
        user: get::<Option<i64>>(row, 1)?.map(UserId),
        data: get(row, 2)?,
        expires_at: Timestamp(get(row, 3)?),
        device: get(row, 4)?,
        began_at: Timestamp(get(row, 5)?),
        used_at: Timestamp(get(row, 6)?),
        address: get(row, 7)?,
    })
}

pub(super) async fn create(store: &Backend, session: &StoredSignIn) -> crate::Result<()> {
    transaction!(store, c => insert(c, session))
}

async fn insert(c: &mut Connection, session: &StoredSignIn) -> Result<()> {
    sqlx::query(
        "INSERT INTO session (id, user_id, data, expires_at, device, began_at, used_at, address) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&session.id)
    .bind(session.user.map(|user| user.0))
    .bind(&session.data)
    .bind(session.expires_at.0)
    .bind(&session.device)
    .bind(session.began_at.0)
    .bind(session.used_at.0)
    .bind(&session.address)
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn update(store: &Backend, session: &StoredSignIn) -> crate::Result<bool> {
    transaction!(store, c => update_one(c, session))
}

async fn update_one(c: &mut Connection, session: &StoredSignIn) -> Result<bool> {
    let updated = sqlx::query(
        "UPDATE session SET user_id = $2, data = $3, expires_at = $4, device = $5, used_at = $6 WHERE id = $1",
    )
    .bind(&session.id)
    .bind(session.user.map(|user| user.0))
    .bind(&session.data)
    .bind(session.expires_at.0)
    .bind(&session.device)
    .bind(session.used_at.0)
    .execute(c)
    .await?;
    Ok(updated.rows_affected() > 0)
}

pub(super) async fn get_one(c: &mut Connection, id: &str, now: Timestamp) -> Result<Option<StoredSignIn>> {
    sqlx::query(concat!("SELECT ", session_columns!(), " FROM session WHERE id = $1 AND expires_at > $2"))
        .bind(id)
        .bind(now.0)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(session)
        .transpose()
}

pub(super) const OF: &str =
    concat!("SELECT ", session_columns!(), " FROM session WHERE user_id = $1 AND expires_at > $2");

pub(super) async fn of(c: &mut Connection, user: UserId, now: Timestamp) -> Result<Vec<StoredSignIn>> {
    let rows = sqlx::query(OF).bind(user.0).bind(now.0).fetch_all(c).await?;
    rows.iter().map(session).collect()
}

pub(super) async fn swap(
    store: &Backend,
    id: &str,
    change: [&str; 2],
    expires_at: Timestamp,
    now: Timestamp,
    repeat_after: Timestamp,
) -> crate::Result<TokenSwap> {
    transaction!(store, c => swap_one(c, id, change, expires_at, now, repeat_after))
}

async fn swap_one(
    c: &mut Connection,
    id: &str,
    [from, to]: [&str; 2],
    expires_at: Timestamp,
    now: Timestamp,
    repeat_after: Timestamp,
) -> Result<TokenSwap> {
    let done = sqlx::query(
        "UPDATE session SET replaced = data, data = $3, expires_at = $4, used_at = $5 WHERE id = $1 AND data = $2",
    )
    .bind(id)
    .bind(from)
    .bind(to)
    .bind(expires_at.0)
    .bind(now.0)
    .execute(&mut *c)
    .await?;
    if done.rows_affected() > 0 {
        return Ok(TokenSwap::Replaced);
    }
    // `used_at` of a grant is the time of its last replacement, which a repeat does not change.
    let current: Option<String> = sqlx::query_scalar(
        "SELECT data FROM session WHERE id = $1 AND replaced = $2 AND replaced <> '' AND used_at > $3",
    )
    .bind(id)
    .bind(from)
    .bind(repeat_after.0)
    .fetch_optional(c)
    .await?;
    Ok(current.map_or(TokenSwap::Reused, TokenSwap::Repeated))
}

/// Whether the tokens that came last are not known to be in use.
pub(super) async fn is_unconfirmed(c: &mut Connection, id: &str, current: &str) -> Result<bool> {
    let found = sqlx::query("SELECT 1 FROM session WHERE id = $1 AND data = $2 AND replaced <> ''")
        .bind(id)
        .bind(current)
        .fetch_optional(c)
        .await?;
    Ok(found.is_some())
}

pub(super) async fn confirm(store: &Backend, id: &str, current: &str) -> crate::Result<()> {
    transaction!(store, c => confirm_one(c, id, current))
}

async fn confirm_one(c: &mut Connection, id: &str, current: &str) -> Result<()> {
    sqlx::query("UPDATE session SET replaced = '' WHERE id = $1 AND data = $2")
        .bind(id)
        .bind(current)
        .execute(c)
        .await?;
    Ok(())
}

pub(super) async fn end_one(store: &Backend, id: &str, now: Timestamp) -> crate::Result<()> {
    transaction!(store, c => end(c, id, now))
}

async fn end(c: &mut Connection, id: &str, now: Timestamp) -> Result<()> {
    let whose: Option<Option<i64>> =
        sqlx::query_scalar("DELETE FROM session WHERE id = $1 RETURNING user_id")
            .bind(id)
            .fetch_optional(&mut *c)
            .await?;
    match whose.flatten() {
        Some(user) => note(c, UserId(user), Some(id), now).await,
        None => Ok(()),
    }
}

pub(super) async fn sweep(store: &Backend, now: Timestamp) -> crate::Result<u64> {
    transaction!(store, c => sweep_all(c, now))
}

async fn sweep_all(c: &mut Connection, now: Timestamp) -> Result<u64> {
    let swept =
        sqlx::query("DELETE FROM session WHERE expires_at <= $1").bind(now.0).execute(&mut *c).await?;
    sqlx::query("DELETE FROM revocation WHERE created_at < $1")
        .bind(now.0 - NOTES_KEPT_MICROS)
        .execute(c)
        .await?;
    Ok(swept.rows_affected())
}

pub(super) async fn revocations(c: &mut Connection, after: i64) -> Result<Vec<Revocation>> {
    let rows = sqlx::query("SELECT id, user_id, session FROM revocation WHERE id > $1 ORDER BY id")
        .bind(after)
        .fetch_all(c)
        .await?;
    rows.iter()
        .map(|row| Ok(Revocation { id: get(row, 0)?, user: UserId(get(row, 1)?), session: get(row, 2)? }))
        .collect()
}

pub(super) async fn last_revocation(c: &mut Connection) -> Result<i64> {
    sqlx::query_scalar(LAST_NOTE).fetch_one(c).await.map_err(StoreError::from)
}
