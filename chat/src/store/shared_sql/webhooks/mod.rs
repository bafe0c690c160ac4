//! Statements about webhooks: endpoints, and the outbox of their events.

mod claim;
mod deliveries;
mod facts;
mod finish;
mod heads;
mod record;

pub(super) use claim::claim;
#[cfg(test)]
pub(super) use claim::{CLAIM, DUE, PENDING};
#[cfg(test)]
pub(super) use deliveries::PAGE;
pub(super) use deliveries::{page, resend, sweep};
pub(super) use facts::facts;
#[cfg(test)]
pub(super) use facts::{MEMBERS, RECIPIENTS};
pub(super) use finish::finish;
#[cfg(test)]
pub(super) use heads::ADVANCE;
pub(super) use record::record;

use super::connections::transaction;
use super::dialect::{among, at_most, bytes, hex, join, json, json_rows, largest, numbers};
use super::rows::{self, get, kind, member_columns, message, message_columns, person, person_columns};
use super::{Backend, Connection, Row};
use crate::store::error::{Result, StoreError};
use crate::store::{MAX_WEBHOOKS, NewWebhook, Webhook, WebhookEvents};
use protocol::{ErrorBody, ErrorCode, Timestamp};

pub(super) async fn add(store: &Backend, new: &NewWebhook, now: Timestamp) -> crate::Result<Webhook> {
    transaction!(store, c => add_one(c, new, now))
}

async fn add_one(c: &mut Connection, new: &NewWebhook, now: Timestamp) -> Result<Webhook> {
    if let Some(key) = new.repeatable_by
        && let Some(known) = added_before(c, key, &new.salt).await?
    {
        if known.url != new.url || known.events != new.events || known.subject_kind != new.subject_kind {
            let why = "This Idempotency-Key was used for another request";
            return Err(StoreError::Refused(ErrorBody::because(ErrorCode::IdConflict, why)));
        }
        return Ok(known);
    }
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM webhook").fetch_one(&mut *c).await?;
    if usize::try_from(count).unwrap_or(0) >= MAX_WEBHOOKS {
        let why = format!("url: at most {MAX_WEBHOOKS} endpoints are told of events");
        return Err(StoreError::Refused(ErrorBody::because(ErrorCode::Invalid, why)));
    }
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO webhook (url, events, subject_kind, salt, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind(&new.url)
    .bind(new.events.0)
    .bind(&new.subject_kind)
    .bind(new.salt.as_slice())
    .bind(now.0)
    .fetch_one(c)
    .await?;
    Ok(Webhook {
        id,
        url: new.url.clone(),
        events: new.events,
        subject_kind: new.subject_kind.clone(),
        salt: new.salt.to_vec(),
        created_at: now,
    })
}

/// Reads the endpoint of a request that is repeated.
async fn added_before(c: &mut Connection, key: i64, salt: &[u8]) -> Result<Option<Webhook>> {
    // Locks the row of the key: of two requests at once, the second one sees the endpoint of the first.
    sqlx::query("UPDATE service_key SET last_used_at = last_used_at WHERE id = $1")
        .bind(key)
        .execute(&mut *c)
        .await?;
    Ok(all(c).await?.into_iter().find(|webhook| webhook.salt == salt))
}

/// See [`crate::store::WebhookStore::webhooks`].
pub(super) async fn all(c: &mut Connection) -> Result<Vec<Webhook>> {
    let rows = sqlx::query("SELECT id, url, events, subject_kind, salt, created_at FROM webhook ORDER BY id")
        .fetch_all(c)
        .await?;
    rows.iter().map(webhook).collect()
}

fn webhook(row: &Row) -> Result<Webhook> {
    Ok(Webhook {
        id: get(row, 0)?,
        url: get(row, 1)?,
        events: WebhookEvents(get(row, 2)?),
        subject_kind: get(row, 3)?,
        salt: get(row, 4)?,
        created_at: Timestamp(get(row, 5)?),
    })
}

/// See [`crate::store::WebhookStore::remove_webhook`]. Its events go in several transactions, between which others write. Those
/// that another node stores meanwhile are swept.
pub(super) async fn remove(store: &Backend, id: i64) -> crate::Result<bool> {
    let removed = transaction!(store, c => remove_one(c, id))?;
    while transaction!(store, c => remove_events(c, id))? > 0 {}
    Ok(removed)
}

async fn remove_one(c: &mut Connection, id: i64) -> Result<bool> {
    let removed = sqlx::query("DELETE FROM webhook WHERE id = $1").bind(id).execute(c).await?;
    Ok(removed.rows_affected() > 0)
}

/// Deletes as many events as one transaction should.
async fn remove_events(c: &mut Connection, webhook: i64) -> Result<u64> {
    let removed = sqlx::query(
        "DELETE FROM webhook_event WHERE id IN (SELECT e.id FROM webhook_event e \
            WHERE e.webhook_id = $1 ORDER BY e.id LIMIT 1000)",
    )
    .bind(webhook)
    .execute(c)
    .await?;
    Ok(removed.rows_affected())
}
