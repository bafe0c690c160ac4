//! Accounts.

use super::connections::Writing;
use super::people::search_text;
use super::rows::{PERSON_COLUMNS, get, json, person};
use super::{Sqlite, fault};
use crate::store::{Account, NewAccount, Profile};
use crate::{Error, Result};
use protocol::{ErrorCode, Preferences, Timestamp, UserId};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

macro_rules! account_columns {
    () => {
        "id, username, first_name, last_name, hue, password_hash, ver, is_admin, suspended, theme, language, time_zone"
    };
}

fn account(row: &SqliteRow) -> Result<Account> {
    Ok(Account {
        person: person(row, 0)?,
        password_hash: get(row, PERSON_COLUMNS)?,
        ver: get(row, PERSON_COLUMNS + 1)?,
        is_admin: get(row, PERSON_COLUMNS + 2)?,
        suspended: get(row, PERSON_COLUMNS + 3)?,
        preferences: Preferences {
            theme: get(row, PERSON_COLUMNS + 4)?,
            language: get(row, PERSON_COLUMNS + 5)?,
            time_zone: get(row, PERSON_COLUMNS + 6)?,
        },
    })
}

/// Names are compared in lower case.
fn fold(username: &str) -> String {
    username.to_lowercase()
}

// The first account runs the installation; asked inside the insert, so that two firsts cannot be.
const CREATE: &str = concat!(
    "INSERT INTO account \
        (username, username_folded, first_name, last_name, search, password_hash, created_at, is_admin) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NOT EXISTS (SELECT 1 FROM account)) \
     ON CONFLICT (username_folded) DO NOTHING RETURNING ",
    account_columns!()
);

pub(super) async fn create(store: &Sqlite, new: &NewAccount, now: Timestamp) -> Result<Account> {
    let mut transaction = store.pen.begin().await?;
    let row = sqlx::query(CREATE)
        .bind(&new.username)
        .bind(fold(&new.username))
        .bind(&new.first_name)
        .bind(&new.last_name)
        .bind(search_text(&new.username, &new.first_name, &new.last_name))
        .bind(&new.password_hash)
        .bind(now.0)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(fault)?;
    let created = row.as_ref().map(account).transpose()?;
    end(transaction, created.ok_or_else(|| ErrorCode::Conflict.into())).await
}

/// Commits what went well; what was refused leaves nothing.
pub(super) async fn end<T>(transaction: Writing<'_>, result: Result<T>) -> Result<T> {
    match result {
        Ok(value) => transaction.commit().await.map(|()| value),
        Err(error) => {
            transaction.rollback().await?;
            Err(error)
        }
    }
}

pub(super) async fn by_id(c: &mut SqliteConnection, id: UserId) -> Result<Option<Account>> {
    sqlx::query(concat!("SELECT ", account_columns!(), " FROM account WHERE id = ?1"))
        .bind(id.0)
        .fetch_optional(c)
        .await
        .map_err(fault)?
        .as_ref()
        .map(account)
        .transpose()
}

pub(super) async fn by_name(c: &mut SqliteConnection, username: &str) -> Result<Option<Account>> {
    sqlx::query(concat!("SELECT ", account_columns!(), " FROM account WHERE username_folded = ?1"))
        .bind(fold(username))
        .fetch_optional(c)
        .await
        .map_err(fault)?
        .as_ref()
        .map(account)
        .transpose()
}

pub(super) async fn by_names(c: &mut SqliteConnection, usernames: &[String]) -> Result<Vec<Account>> {
    let folded: Vec<String> = usernames.iter().map(|name| fold(name)).collect();
    let rows = sqlx::query(concat!(
        "SELECT ",
        account_columns!(),
        " FROM account WHERE username_folded IN (SELECT value FROM json_each(?1)) AND suspended = 0 ORDER BY id"
    ))
    .bind(json(&folded)?)
    .fetch_all(c)
    .await
    .map_err(fault)?;
    rows.iter().map(account).collect()
}

/// Ends all sign-ins of a person but one, notes it, and gives the new `ver`. Refused where there is nobody.
async fn end_sign_ins(
    c: &mut SqliteConnection,
    id: UserId,
    keep: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let raised = sqlx::query("UPDATE account SET ver = ver + 1 WHERE id = ?1")
        .bind(id.0)
        .execute(&mut *c)
        .await
        .map_err(fault)?;
    if raised.rows_affected() == 0 {
        return Err(Error::not_found());
    }
    sqlx::query("DELETE FROM session WHERE user_id = ?1 AND id IS NOT ?2")
        .bind(id.0)
        .bind(keep)
        .execute(&mut *c)
        .await
        .map_err(fault)?;
    super::sessions::note(c, id, None, now).await
}

pub(super) async fn set_password(
    store: &Sqlite,
    id: UserId,
    hash: &str,
    keep: Option<&str>,
    now: Timestamp,
) -> Result<Account> {
    let mut transaction = store.pen.begin().await?;
    let changed = change_password(&mut transaction, id, hash, keep, now).await;
    end(transaction, changed).await
}

async fn change_password(
    c: &mut SqliteConnection,
    id: UserId,
    hash: &str,
    keep: Option<&str>,
    now: Timestamp,
) -> Result<Account> {
    end_sign_ins(c, id, keep, now).await?;
    sqlx::query("UPDATE account SET password_hash = ?2 WHERE id = ?1")
        .bind(id.0)
        .bind(hash)
        .execute(&mut *c)
        .await
        .map_err(fault)?;
    by_id(c, id).await?.ok_or_else(|| crate::store::missing("an account"))
}

pub(super) async fn revoke_all(store: &Sqlite, id: UserId, now: Timestamp) -> Result<()> {
    let mut transaction = store.pen.begin().await?;
    let ended = end_sign_ins(&mut transaction, id, None, now).await;
    end(transaction, ended).await
}

pub(super) async fn suspend(store: &Sqlite, id: UserId, suspended: bool, now: Timestamp) -> Result<()> {
    let mut transaction = store.pen.begin().await?;
    let done = set_suspended(&mut transaction, id, suspended, now).await;
    end(transaction, done).await
}

async fn set_suspended(c: &mut SqliteConnection, id: UserId, suspended: bool, now: Timestamp) -> Result<()> {
    let found = sqlx::query("UPDATE account SET suspended = ?2 WHERE id = ?1")
        .bind(id.0)
        .bind(suspended)
        .execute(&mut *c)
        .await
        .map_err(fault)?;
    if found.rows_affected() == 0 {
        return Err(Error::not_found());
    }
    if suspended { end_sign_ins(c, id, None, now).await } else { Ok(()) }
}

/// See [`crate::store::AccountStore::set_profile`]. Who searches finds the new name, and the old one no more.
pub(super) async fn set_profile(store: &Sqlite, id: UserId, profile: &Profile) -> Result<Account> {
    let mut transaction = store.pen.begin().await?;
    let changed = change_profile(&mut transaction, id, profile).await;
    end(transaction, changed).await
}

async fn change_profile(c: &mut SqliteConnection, id: UserId, profile: &Profile) -> Result<Account> {
    let before = by_id(c, id).await?.ok_or_else(Error::not_found)?;
    let Profile { first_name, last_name, hue } = profile;
    sqlx::query("UPDATE account SET first_name = ?2, last_name = ?3, hue = ?4, search = ?5 WHERE id = ?1")
        .bind(id.0)
        .bind(first_name)
        .bind(last_name)
        .bind(*hue)
        .bind(search_text(&before.person.username, first_name, last_name))
        .execute(&mut *c)
        .await
        .map_err(fault)?;
    by_id(c, id).await?.ok_or_else(|| crate::store::missing("an account"))
}

/// See [`crate::store::AccountStore::set_preferences`].
pub(super) async fn set_preferences(store: &Sqlite, id: UserId, preferences: &Preferences) -> Result<()> {
    let mut transaction = store.pen.begin().await?;
    let done = sqlx::query("UPDATE account SET theme = ?2, language = ?3, time_zone = ?4 WHERE id = ?1")
        .bind(id.0)
        .bind(&preferences.theme)
        .bind(&preferences.language)
        .bind(&preferences.time_zone)
        .execute(&mut *transaction)
        .await
        .map_err(fault)?;
    let found = if done.rows_affected() == 0 { Err(Error::not_found()) } else { Ok(()) };
    end(transaction, found).await
}
