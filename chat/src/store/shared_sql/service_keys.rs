//! Statements about service keys.

use super::connections::transaction;
use super::rows::get;
use super::{Backend, Connection, Row};
use crate::store::error::{Result, StoreError};
use crate::store::{NewServiceKey, StoredServiceKey, TokenHash};
use protocol::{ErrorBody, ErrorCode, KeyScope, Timestamp};

macro_rules! key_columns {
    () => {
        "id, name, scopes, created_at, last_used_at, revoked_at"
    };
}

fn key(row: &Row) -> Result<StoredServiceKey> {
    let scopes: String = get(row, 2)?;
    Ok(StoredServiceKey {
        id: get(row, 0)?,
        name: get(row, 1)?,
        // A newer version may know other words.
        scopes: scopes.split(' ').filter_map(KeyScope::of).collect(),
        created_at: Timestamp(get(row, 3)?),
        last_used_at: get::<Option<i64>>(row, 4)?.map(Timestamp),
        revoked_at: get::<Option<i64>>(row, 5)?.map(Timestamp),
    })
}

pub(super) async fn add(
    store: &Backend,
    new: &NewServiceKey,
    now: Timestamp,
) -> crate::Result<StoredServiceKey> {
    transaction!(store, c => insert(c, new, now))
}

async fn insert(c: &mut Connection, new: &NewServiceKey, now: Timestamp) -> Result<StoredServiceKey> {
    let scopes: Vec<_> = new.scopes.iter().map(|scope| scope.code()).collect();
    let row = sqlx::query(concat!(
        "INSERT INTO service_key (name, key_hash, scopes, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING RETURNING ",
        key_columns!()
    ))
    .bind(&new.name)
    .bind(new.hash.0.as_slice())
    .bind(scopes.join(" "))
    .bind(now.0)
    .fetch_optional(&mut *c)
    .await?;
    match row {
        Some(row) => key(&row),
        None => Err(StoreError::Refused(conflict(c, new).await?)),
    }
}

/// Why a key cannot be added. The hash is that of another key only where a request is repeated after its key was revoked.
async fn conflict(c: &mut Connection, new: &NewServiceKey) -> Result<ErrorBody> {
    let used = sqlx::query("SELECT 1 FROM service_key WHERE key_hash = $1")
        .bind(new.hash.0.as_slice())
        .fetch_optional(c)
        .await?;
    Ok(match used {
        Some(_) => ErrorCode::IdConflict.into(),
        None => ErrorBody::because(ErrorCode::Conflict, format!("There is a key named {}", new.name)),
    })
}

pub(super) async fn all(c: &mut Connection) -> Result<Vec<StoredServiceKey>> {
    let rows =
        sqlx::query(concat!("SELECT ", key_columns!(), " FROM service_key ORDER BY id")).fetch_all(c).await?;
    rows.iter().map(key).collect()
}

pub(super) const BY_HASH: &str =
    concat!("SELECT ", key_columns!(), " FROM service_key WHERE key_hash = $1 AND revoked_at IS NULL");

pub(super) async fn by_hash(c: &mut Connection, hash: TokenHash) -> Result<Option<StoredServiceKey>> {
    sqlx::query(BY_HASH).bind(hash.0.as_slice()).fetch_optional(c).await?.as_ref().map(key).transpose()
}

pub(super) async fn revoke(store: &Backend, id: i64, now: Timestamp) -> crate::Result<bool> {
    transaction!(store, c => revoke_one(c, id, now))
}

async fn revoke_one(c: &mut Connection, id: i64, now: Timestamp) -> Result<bool> {
    let revoked = sqlx::query("UPDATE service_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
        .bind(id)
        .bind(now.0)
        .execute(c)
        .await?;
    Ok(revoked.rows_affected() > 0)
}

pub(super) async fn note_use(
    store: &Backend,
    id: i64,
    now: Timestamp,
    unless_after: Timestamp,
) -> crate::Result<()> {
    transaction!(store, c => note_one(c, id, now, unless_after))
}

async fn note_one(c: &mut Connection, id: i64, now: Timestamp, unless_after: Timestamp) -> Result<()> {
    sqlx::query("UPDATE service_key SET last_used_at = $2 WHERE id = $1 AND coalesce(last_used_at, 0) <= $3")
        .bind(id)
        .bind(now.0)
        .bind(unless_after.0)
        .execute(c)
        .await?;
    Ok(())
}
