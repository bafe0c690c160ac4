//! Statements about accounts.

use super::connections::transaction;
use super::dialect::{among, founds_accounts, note, texts};
use super::invitations::{addable_by, addable_by_number};
use super::person_words;
use super::rows::{PERSON_COLUMNS, flag, get, person, person_columns};
use super::{Backend, Connection, Row, inviter, locks};
use crate::store::error::{Result, StoreError};
use crate::store::{Account, AccountKind, NewAccount, ProfileChange};
use protocol::{ErrorCode, Person, Preferences, Timestamp, UserId};
use sqlx::Row as _;

macro_rules! account_columns {
    () => {
        "id, username, first_name, last_name, hue, suspended, bot, name_key, picture, \
         password_hash, ver, is_admin, theme, language, time_zone, unlocks, \
         device_time_zone, notify_direct, notify_mention, notify_group, notify_added, sound, push_content, \
         quiet_from, quiet_to, show_typing, send_read_receipts, addable_by"
    };
}

fn account(row: &Row) -> Result<Account> {
    let person = person(row, 0)?;
    Ok(Account {
        suspended: person.suspended,
        person,
        password_hash: get(row, PERSON_COLUMNS)?,
        ver: get(row, PERSON_COLUMNS + 1)?,
        is_admin: flag(row, PERSON_COLUMNS + 2)?,
        unlocks: get(row, PERSON_COLUMNS + 6)?,
        preferences: Preferences {
            theme: get(row, PERSON_COLUMNS + 3)?,
            language: get(row, PERSON_COLUMNS + 4)?,
            time_zone: get(row, PERSON_COLUMNS + 5)?,
            device_time_zone: get(row, PERSON_COLUMNS + 7)?,
            notify_direct: flag(row, PERSON_COLUMNS + 8)?,
            notify_mention: flag(row, PERSON_COLUMNS + 9)?,
            notify_group: flag(row, PERSON_COLUMNS + 10)?,
            notify_added: flag(row, PERSON_COLUMNS + 11)?,
            sound: flag(row, PERSON_COLUMNS + 12)?,
            push_content: flag(row, PERSON_COLUMNS + 13)?,
            quiet_from: minute(row, PERSON_COLUMNS + 14)?,
            quiet_to: minute(row, PERSON_COLUMNS + 15)?,
            show_typing: flag(row, PERSON_COLUMNS + 16)?,
            send_read_receipts: flag(row, PERSON_COLUMNS + 17)?,
            addable_by: addable_by(get(row, PERSON_COLUMNS + 18)?),
        },
    })
}

/// A minute of the day; the schema keeps it from 0 to 1439.
fn minute(row: &Row, at: usize) -> Result<Option<u16>> {
    Ok(get::<Option<i64>>(row, at)?.and_then(|minute| u16::try_from(minute).ok()))
}

/// Names are compared in lower case.
pub(super) fn fold(username: &str) -> String {
    username.to_lowercase()
}

// The first person is the administrator, but nobody whom single sign-on made. The insert itself checks whether there is one, so
// that there cannot be two.
const CREATE: &str = concat!(
    "INSERT INTO account \
        (username, username_folded, first_name, last_name, password_hash, created_at, kind, addable_by, external, bot, request_hash, is_admin) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
        CASE WHEN $7 <> 0 OR $9 = 1 OR EXISTS (SELECT 1 FROM account WHERE kind = 0 AND external = 0) \
        THEN 0 ELSE 1 END) \
     ON CONFLICT (username_folded) DO NOTHING RETURNING ",
    account_columns!()
);

pub(super) async fn create(store: &Backend, new: &NewAccount, now: Timestamp) -> crate::Result<Account> {
    transaction!(store, c => make(c, new, now))
}

/// See [`crate::store::AccountStore::create_account`].
pub(super) async fn make(c: &mut Connection, new: &NewAccount, now: Timestamp) -> Result<Account> {
    founds_accounts(c).await?;
    insert(c, new, false, now).await
}

/// Creates an account of single sign-on. The caller has called [`founds_accounts`].
pub(super) async fn make_external(c: &mut Connection, new: &NewAccount, now: Timestamp) -> Result<Account> {
    insert(c, new, true, now).await
}

async fn insert(c: &mut Connection, new: &NewAccount, external: bool, now: Timestamp) -> Result<Account> {
    let made = sqlx::query(CREATE)
        .bind(&new.username)
        .bind(fold(&new.username))
        .bind(&new.first_name)
        .bind(&new.last_name)
        .bind(&new.password_hash)
        .bind(now.0)
        .bind(new.kind.number())
        .bind(addable_by_number(new.addable_by))
        .bind(i64::from(external))
        .bind(i64::from(new.kind == AccountKind::Bot))
        .bind(new.request_hash.map(|hash| hash.to_vec()))
        .fetch_optional(&mut *c)
        .await?
        .as_ref()
        .map(account)
        .transpose()?
        .ok_or_else(|| StoreError::from(ErrorCode::Conflict))
        .map(|account| account.person)?;
    person_words::write(c, &made).await?;
    by_id(c, made.id).await?.ok_or_else(|| StoreError::missing("an account"))
}

/// See [`crate::store::AccountStore::has_accounts`].
pub(super) async fn are_there(c: &mut Connection) -> Result<bool> {
    let found = sqlx::query("SELECT 1 FROM account WHERE kind <> 1 LIMIT 1").fetch_optional(c).await?;
    Ok(found.is_some())
}

/// See [`crate::store::AccountStore::temporary_accounts`].
pub(super) async fn temporary(c: &mut Connection) -> Result<Vec<(Person, Timestamp)>> {
    let rows = sqlx::query(concat!(
        "SELECT ",
        person_columns!("account"),
        ", created_at FROM account WHERE kind = 1 ORDER BY id"
    ))
    .fetch_all(c)
    .await?;
    rows.iter().map(|row| Ok((person(row, 0)?, Timestamp(get(row, PERSON_COLUMNS)?)))).collect()
}

pub(super) async fn by_id(c: &mut Connection, id: UserId) -> Result<Option<Account>> {
    sqlx::query(concat!("SELECT ", account_columns!(), " FROM account WHERE id = $1"))
        .bind(id.0)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(account)
        .transpose()
}

/// The account of the username `$1` that a request with the hash `$2` registered since `$3`.
pub(super) const REGISTERED: &str = concat!(
    "SELECT ",
    account_columns!(),
    " FROM account WHERE username_folded = $1 AND request_hash = $2 AND created_at >= $3 AND suspended = 0"
);

/// See [`crate::store::AccountStore::registered_account`].
pub(super) async fn registered(
    c: &mut Connection,
    username: &str,
    request_hash: [u8; 32],
    since: Timestamp,
) -> Result<Option<Account>> {
    sqlx::query(REGISTERED)
        .bind(fold(username))
        .bind(request_hash.as_slice())
        .bind(since.0)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(account)
        .transpose()
}

/// Reads an account with the counter of the person.
pub(super) async fn with_counter(c: &mut Connection, id: UserId) -> Result<Option<(Account, i64)>> {
    sqlx::query(concat!("SELECT ", account_columns!(), ", user_rev FROM account WHERE id = $1"))
        .bind(id.0)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(|row| Ok((account(row)?, row.try_get("user_rev")?)))
        .transpose()
}

// One statement, since it authenticates each request and each connection.
pub(super) const SIGNED_IN: &str = concat!(
    "SELECT ",
    account_columns!(),
    " FROM account WHERE id = $2 \
     AND EXISTS (SELECT 1 FROM session s WHERE s.id = $1 AND s.user_id = $2 AND s.expires_at > $3)"
);

pub(super) async fn signed_in(
    c: &mut Connection,
    sign_in: &str,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Account>> {
    sqlx::query(SIGNED_IN)
        .bind(sign_in)
        .bind(user.0)
        .bind(now.0)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(account)
        .transpose()
}

pub(super) async fn by_name(c: &mut Connection, username: &str) -> Result<Option<Account>> {
    sqlx::query(concat!("SELECT ", account_columns!(), " FROM account WHERE username_folded = $1"))
        .bind(fold(username))
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(account)
        .transpose()
}

pub(super) async fn by_names(c: &mut Connection, usernames: &[String]) -> Result<Vec<Account>> {
    let folded: Vec<String> = usernames.iter().map(|name| fold(name)).collect();
    let rows = sqlx::query(concat!(
        "SELECT ",
        account_columns!(),
        " FROM account WHERE username_folded ",
        among!("$1"),
        " AND suspended = 0 ORDER BY id"
    ))
    .bind(texts(&folded)?)
    .fetch_all(c)
    .await?;
    rows.iter().map(account).collect()
}

/// Increments `ver`, ends all sign-ins of a person but one, and writes a revocation. Refused if there is no such account.
async fn end_sign_ins(c: &mut Connection, id: UserId, keep: Option<&str>, now: Timestamp) -> Result<()> {
    let raised =
        sqlx::query("UPDATE account SET ver = ver + 1 WHERE id = $1").bind(id.0).execute(&mut *c).await?;
    if raised.rows_affected() == 0 {
        return Err(StoreError::not_found());
    }
    end_all_but(c, id, keep, now).await
}

async fn end_all_but(c: &mut Connection, id: UserId, keep: Option<&str>, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE user_id = $1 AND id IS DISTINCT FROM $2")
        .bind(id.0)
        .bind(keep)
        .execute(&mut *c)
        .await?;
    note(c, id, None, now).await
}

pub(super) async fn end_other_sign_ins(
    store: &Backend,
    id: UserId,
    keep: &str,
    now: Timestamp,
) -> crate::Result<()> {
    transaction!(store, c => end_all_but(c, id, Some(keep), now))
}

pub(super) async fn set_password(
    store: &Backend,
    id: UserId,
    hash: &str,
    keep: Option<&str>,
    now: Timestamp,
) -> crate::Result<Account> {
    transaction!(store, c => change_password(c, id, hash, keep, now))
}

async fn change_password(
    c: &mut Connection,
    id: UserId,
    hash: &str,
    keep: Option<&str>,
    now: Timestamp,
) -> Result<Account> {
    end_sign_ins(c, id, keep, now).await?;
    sqlx::query("UPDATE account SET password_hash = $2 WHERE id = $1")
        .bind(id.0)
        .bind(hash)
        .execute(&mut *c)
        .await?;
    by_id(c, id).await?.ok_or_else(|| StoreError::missing("an account"))
}

pub(super) async fn renew_password_hash(
    store: &Backend,
    id: UserId,
    old: &str,
    new: &str,
) -> crate::Result<()> {
    transaction!(store, c => renew_hash(c, id, old, new))
}

async fn renew_hash(c: &mut Connection, id: UserId, old: &str, new: &str) -> Result<()> {
    sqlx::query("UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
        .bind(id.0)
        .bind(old)
        .bind(new)
        .execute(c)
        .await?;
    Ok(())
}

pub(super) async fn revoke_all(store: &Backend, id: UserId, now: Timestamp) -> crate::Result<()> {
    transaction!(store, c => end_sign_ins(c, id, None, now))
}

pub(super) async fn suspend(
    store: &Backend,
    id: UserId,
    suspended: bool,
    now: Timestamp,
) -> crate::Result<()> {
    transaction!(store, c => set_suspended(c, id, suspended, now))
}

async fn set_suspended(c: &mut Connection, id: UserId, suspended: bool, now: Timestamp) -> Result<()> {
    if suspended {
        locks::for_suspension(c, id).await?;
    }
    let found = sqlx::query("UPDATE account SET suspended = $2 WHERE id = $1")
        .bind(id.0)
        .bind(i64::from(suspended))
        .execute(&mut *c)
        .await?;
    if found.rows_affected() == 0 {
        return Err(StoreError::not_found());
    }
    if !suspended {
        return Ok(());
    }
    inviter::end(c, id, None).await?;
    end_sign_ins(c, id, None, now).await
}

pub(super) async fn unlock(store: &Backend, id: UserId) -> crate::Result<()> {
    transaction!(store, c => count_unlock(c, id))
}

async fn count_unlock(c: &mut Connection, id: UserId) -> Result<()> {
    let done =
        sqlx::query("UPDATE account SET unlocks = unlocks + 1 WHERE id = $1").bind(id.0).execute(c).await?;
    if done.rows_affected() == 0 { Err(StoreError::not_found()) } else { Ok(()) }
}

// Answered by an index alone.
pub(super) const SUSPENDED: &str = "SELECT id FROM account WHERE suspended = 1 AND id > $1";

/// See [`crate::store::AccountStore::suspended`].
pub(super) async fn suspended(c: &mut Connection) -> Result<Vec<UserId>> {
    let ids: Vec<i64> = sqlx::query_scalar(SUSPENDED).bind(0_i64).fetch_all(c).await?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// See [`crate::store::AccountStore::change_profile`]. The words and the key of the names follow.
pub(super) async fn change_profile(
    store: &Backend,
    id: UserId,
    change: &ProfileChange,
) -> crate::Result<Account> {
    transaction!(store, c => change_names(c, id, change))
}

async fn change_names(c: &mut Connection, id: UserId, change: &ProfileChange) -> Result<Account> {
    let ProfileChange { first_name, last_name, hue, picture } = change;
    sqlx::query(
        "UPDATE account SET first_name = coalesce($2, first_name), last_name = coalesce($3, last_name), \
            hue = CASE WHEN $4 = 1 THEN $5 ELSE hue END, picture = CASE WHEN $6 = 1 THEN $7 ELSE picture END \
         WHERE id = $1",
    )
    .bind(id.0)
    .bind(first_name)
    .bind(last_name)
    .bind(i64::from(hue.is_some()))
    .bind(hue.flatten().map(i64::from))
    .bind(i64::from(picture.is_some()))
    .bind(picture.as_ref().and_then(Option::as_deref))
    .execute(&mut *c)
    .await?;
    let changed = by_id(c, id).await?.ok_or_else(StoreError::not_found)?;
    person_words::write(c, &changed.person).await?;
    by_id(c, id).await?.ok_or_else(|| StoreError::missing("an account"))
}
