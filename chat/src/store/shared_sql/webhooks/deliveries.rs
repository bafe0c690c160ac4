//! Deliveries as operators see them.

use super::super::connections::{read, transaction};
use super::super::{Backend, Connection, Row};
use super::claim::{event_kind, key};
use super::heads::{self, Lane};
use super::{at_most, get, largest};
use crate::store::error::Result;
use crate::store::{DeliveryRecord, DeliveryState};
use protocol::{ConversationId, Timestamp};

/// A page. An event is not tried before the head of its lane.
pub(in super::super) const PAGE: &str = concat!(
    "SELECT e.id, e.key, e.kind, e.conversation_id, e.created_at, e.state, e.attempts, e.tried_at, e.status, ",
    largest!(
        "e.due_at",
        "coalesce((SELECT h.due_at FROM webhook_event h WHERE h.webhook_id = e.webhook_id \
            AND h.conversation_id = e.conversation_id AND h.lane = e.lane AND h.state = 0 ORDER BY h.id LIMIT 1), 0)"
    ),
    " FROM webhook_event e WHERE e.webhook_id = $1 AND e.id < $2 ORDER BY e.id DESC",
    at_most!("$3")
);

/// See [`crate::store::WebhookStore::webhook_deliveries`].
pub(in super::super) async fn page(
    c: &mut Connection,
    webhook: i64,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<DeliveryRecord>> {
    let rows = sqlx::query(PAGE)
        .bind(webhook)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(c)
        .await?;
    rows.iter().map(record).collect()
}

fn record(row: &Row) -> Result<DeliveryRecord> {
    let state = match get::<i64>(row, 5)? {
        0 => DeliveryState::Pending,
        1 => DeliveryState::Delivered,
        _ => DeliveryState::GivenUp,
    };
    let due_at = Timestamp(get(row, 9)?);
    Ok(DeliveryRecord {
        id: get(row, 0)?,
        key: key(get(row, 1)?)?,
        kind: event_kind(get(row, 2)?)?,
        conversation: ConversationId(get(row, 3)?),
        created_at: Timestamp(get(row, 4)?),
        state,
        attempts: get(row, 6)?,
        tried_at: get::<Option<i64>>(row, 7)?.map(Timestamp),
        status: get::<Option<i64>>(row, 8)?.and_then(|status| u16::try_from(status).ok()),
        next_at: (state == DeliveryState::Pending).then_some(due_at),
    })
}

/// The lane of an event. An update, which locks the row: another node may end it meanwhile.
const LANE: &str =
    "UPDATE webhook_event SET lane = lane WHERE id = $1 RETURNING webhook_id, conversation_id, lane";

pub(in super::super) async fn resend(
    store: &Backend,
    id: i64,
    now: Timestamp,
    expires_at: Timestamp,
) -> crate::Result<bool> {
    transaction!(store, c => resend_one(c, id, now, expires_at))
}

async fn resend_one(c: &mut Connection, id: i64, now: Timestamp, expires_at: Timestamp) -> Result<bool> {
    let Some(row) = sqlx::query(LANE).bind(id).fetch_optional(&mut *c).await? else {
        return Ok(false);
    };
    let lane: Lane = (get(&row, 0)?, get(&row, 1)?, get(&row, 2)?);
    // In a lane of its own: in that of its conversation it would be the first one, and hold back the others.
    sqlx::query(
        "UPDATE webhook_event SET state = 0, attempts = 0, lane = -id, head = 1, due_at = $2, expires_at = $3 WHERE id = $1",
    )
    .bind(id)
    .bind(now.0)
    .bind(expires_at.0)
    .execute(&mut *c)
    .await?;
    // It may have been the head of its lane.
    heads::advance(c, [lane].into()).await?;
    Ok(true)
}

pub(in super::super) async fn sweep(store: &Backend, before: Timestamp) -> crate::Result<u64> {
    let headless = read!(store, c => heads::missing(c))?;
    if !headless.is_empty() {
        transaction!(store, c => heads::mark(c, &headless))?;
    }
    let mut all = 0;
    loop {
        let swept = transaction!(store, c => sweep_orphans(c))?;
        all += swept;
        if swept == 0 {
            break;
        }
    }
    loop {
        let swept = transaction!(store, c => sweep_some(c, before))?;
        all += swept;
        if swept == 0 {
            return Ok(all);
        }
    }
}

/// Deletes as many rows as one transaction should.
async fn sweep_some(c: &mut Connection, before: Timestamp) -> Result<u64> {
    let swept = sqlx::query(
        "DELETE FROM webhook_event WHERE id IN (SELECT e.id FROM webhook_event e \
            WHERE e.state > 0 AND e.tried_at < $1 ORDER BY e.tried_at LIMIT 1000)",
    )
    .bind(before.0)
    .execute(c)
    .await?;
    Ok(swept.rows_affected())
}

/// Deletes as many events of endpoints that are gone as one transaction should.
async fn sweep_orphans(c: &mut Connection) -> Result<u64> {
    let swept = sqlx::query(
        "DELETE FROM webhook_event WHERE id IN (SELECT e.id FROM webhook_event e \
            WHERE e.webhook_id NOT IN (SELECT h.id FROM webhook h) LIMIT 1000)",
    )
    .execute(c)
    .await?;
    Ok(swept.rows_affected())
}
