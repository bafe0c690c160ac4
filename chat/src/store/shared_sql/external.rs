//! Statements about single sign-on.

use super::accounts;
use super::connections::transaction;
use super::dialect::{among, founds_accounts, numbers};
use super::rows::get;
use super::{Backend, Connection};
use crate::store::error::Result;
use crate::store::{Account, ExternalIdentity, ExternalSignIn, HandOver, NewAccount, ProductIdentity};
use protocol::{Timestamp, UserId};
use std::collections::BTreeMap;

/// Notes that the token is used; `false` if it was used before.
async fn insert_token(c: &mut Connection, token: HandOver) -> Result<bool> {
    let inserted =
        sqlx::query("INSERT INTO used_token (hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(token.hash.as_slice())
            .bind(token.expires_at.0)
            .execute(c)
            .await?;
    Ok(inserted.rows_affected() > 0)
}

pub(super) const USER: &str = "SELECT user_id FROM external_identity WHERE issuer = $1 AND subject = $2";

async fn user(c: &mut Connection, issuer: &str, subject: &str) -> Result<Option<UserId>> {
    let found: Option<i64> = sqlx::query_scalar(USER).bind(issuer).bind(subject).fetch_optional(c).await?;
    Ok(found.map(UserId))
}

/// See [`crate::store::ExternalIdentityStore::account_of_identity`].
pub(super) async fn account(c: &mut Connection, issuer: &str, subject: &str) -> Result<Option<Account>> {
    match user(c, issuer, subject).await? {
        Some(user) => accounts::by_id(c, user).await,
        None => Ok(None),
    }
}

pub(super) const IDENTITIES: &str =
    concat!("SELECT user_id, issuer, subject FROM external_identity WHERE user_id ", among!("$1"));

/// The identities of those of these people whom products know.
pub(super) async fn identities(
    c: &mut Connection,
    people: impl IntoIterator<Item = UserId>,
) -> Result<BTreeMap<UserId, ProductIdentity>> {
    let people = numbers(people.into_iter().map(|user| user.0))?;
    let rows = sqlx::query(IDENTITIES).bind(people).fetch_all(c).await?;
    let identity =
        |row| Ok((UserId(get(row, 0)?), ProductIdentity { issuer: get(row, 1)?, sub: get(row, 2)? }));
    rows.iter().map(identity).collect()
}

/// See [`crate::store::ExternalIdentityStore::external_account`].
pub(super) async fn find(
    store: &Backend,
    identity: &ExternalIdentity,
    token: HandOver,
) -> crate::Result<ExternalSignIn> {
    transaction!(store, c => find_and_update(c, identity, token))
}

async fn find_and_update(
    c: &mut Connection,
    identity: &ExternalIdentity,
    token: HandOver,
) -> Result<ExternalSignIn> {
    let Some(account) = account(c, &identity.issuer, &identity.subject).await? else {
        return Ok(ExternalSignIn::Unknown);
    };
    if account.suspended {
        return Ok(ExternalSignIn::Known(account));
    }
    if !insert_token(c, token).await? {
        return Ok(ExternalSignIn::Replayed);
    }
    sqlx::query(
        "UPDATE external_identity SET picture = $3, role = $4 WHERE issuer = $1 AND subject = $2 \
         AND (picture IS DISTINCT FROM $3 OR role IS DISTINCT FROM $4)",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(&identity.picture)
    .bind(&identity.role)
    .execute(&mut *c)
    .await?;
    Ok(ExternalSignIn::Known(account))
}

pub(super) async fn create(
    store: &Backend,
    identity: &ExternalIdentity,
    account: &NewAccount,
    token: Option<HandOver>,
    now: Timestamp,
) -> crate::Result<ExternalSignIn> {
    transaction!(store, c => create_one(c, identity, account, token, now))
}

async fn create_one(
    c: &mut Connection,
    identity: &ExternalIdentity,
    account: &NewAccount,
    token: Option<HandOver>,
    now: Timestamp,
) -> Result<ExternalSignIn> {
    // Before the look, so that two requests of one person do not both find nobody.
    founds_accounts(c).await?;
    if let Some(token) = token
        && !insert_token(c, token).await?
    {
        return Ok(ExternalSignIn::Replayed);
    }
    if let Some(account) = self::account(c, &identity.issuer, &identity.subject).await? {
        return Ok(ExternalSignIn::Known(account));
    }
    let account = accounts::make_external(c, account, now).await?;
    sqlx::query(
        "INSERT INTO external_identity (issuer, subject, user_id, picture, role) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(account.person.id.0)
    .bind(&identity.picture)
    .bind(&identity.role)
    .execute(c)
    .await?;
    Ok(ExternalSignIn::Known(account))
}

pub(super) const EXPIRED: &str = "DELETE FROM used_token WHERE expires_at <= $1";

pub(super) async fn sweep(store: &Backend, now: Timestamp) -> crate::Result<u64> {
    transaction!(store, c => sweep_all(c, now))
}

async fn sweep_all(c: &mut Connection, now: Timestamp) -> Result<u64> {
    Ok(sqlx::query(EXPIRED).bind(now.0).execute(c).await?.rows_affected())
}
