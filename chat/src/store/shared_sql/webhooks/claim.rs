//! Claims of pending events by a node, each a conditional update with a lease.

use super::super::connections::{read, transaction};
use super::super::{Backend, Connection, Row};
use super::{among, at_most, get, numbers};
use crate::store::error::{Result, StoreError};
use crate::store::{CLAIMED_EVENTS, CLAIMED_LANES, WebhookDelivery, WebhookEventKind};
use protocol::{ConversationId, Timestamp, UserId};
use std::collections::HashSet;
use uuid::Uuid;

/// The lanes whose heads are due. Behind a head that waits, any number of events costs nothing.
pub(in super::super) const DUE: &str = concat!(
    "SELECT e.conversation_id, e.lane FROM webhook_event e \
     WHERE e.webhook_id = $1 AND e.state = 0 AND e.head = 1 AND e.due_at <= $2 AND e.leased_until <= $2 \
     GROUP BY e.conversation_id, e.lane ORDER BY min(e.due_at)",
    at_most!("$3")
);

/// Claims those of the first events of a lane that are due and free.
pub(in super::super) const CLAIM: &str = concat!(
    "UPDATE webhook_event SET leased_until = $5 \
     WHERE id IN (SELECT e.id FROM webhook_event e \
        WHERE e.webhook_id = $1 AND e.conversation_id = $2 AND e.lane = $3 AND e.state = 0 ORDER BY e.id",
    at_most!("$6"),
    ") AND state = 0 AND due_at <= $4 AND leased_until <= $4 RETURNING id"
);

/// The first pending events of a lane.
pub(in super::super) const PENDING: &str = concat!(
    "SELECT e.id, e.key, e.kind, e.seq, e.user_id, e.created_at, e.attempts, e.expires_at, e.leased_until \
     FROM webhook_event e WHERE e.webhook_id = $1 AND e.conversation_id = $2 AND e.lane = $3 AND e.state = 0 \
     ORDER BY e.id",
    at_most!("$4")
);

/// Ends the leases of events that stay pending.
pub(super) const RELEASE: &str = concat!(
    "UPDATE webhook_event SET leased_until = 0 WHERE state = 0 AND leased_until = $2 AND id ",
    among!("$1")
);

/// See [`crate::store::WebhookStore::claim_webhook_events`]. It writes only if something is due.
pub(in super::super) async fn claim(
    store: &Backend,
    webhook: i64,
    now: Timestamp,
    leased_until: Timestamp,
) -> crate::Result<Vec<Vec<WebhookDelivery>>> {
    let lanes = read!(store, c => due(c, webhook, now))?;
    if lanes.is_empty() {
        return Ok(Vec::new());
    }
    transaction!(store, c => claim_lanes(c, webhook, &lanes, now, leased_until))
}

async fn due(c: &mut Connection, webhook: i64, now: Timestamp) -> Result<Vec<(i64, i64)>> {
    let rows = sqlx::query(DUE).bind(webhook).bind(now.0).bind(limit(CLAIMED_LANES)).fetch_all(c).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

async fn claim_lanes(
    c: &mut Connection,
    webhook: i64,
    lanes: &[(i64, i64)],
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Vec<Vec<WebhookDelivery>>> {
    let mut claimed = Vec::new();
    // In one order on all nodes, which excludes deadlocks.
    let mut lanes = lanes.to_vec();
    lanes.sort_unstable();
    for (conversation, lane) in lanes {
        let run = claim_lane(c, (webhook, conversation, lane), now, leased_until).await?;
        if !run.is_empty() {
            claimed.push(run);
        }
    }
    Ok(claimed)
}

/// Claims the first events of a lane, up to the first one that is not free or not due.
async fn claim_lane(
    c: &mut Connection,
    (webhook, conversation, lane): (i64, i64, i64),
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Vec<WebhookDelivery>> {
    let claimed: Vec<i64> = sqlx::query_scalar(CLAIM)
        .bind(webhook)
        .bind(conversation)
        .bind(lane)
        .bind(now.0)
        .bind(leased_until.0)
        .bind(limit(CLAIMED_EVENTS))
        .fetch_all(&mut *c)
        .await?;
    let mut claimed: HashSet<i64> = claimed.into_iter().collect();
    // Another node may have claimed earlier events between the snapshot of the update and its locks. Under the locks, the first
    // pending events are as they are.
    let rows = sqlx::query(PENDING)
        .bind(webhook)
        .bind(conversation)
        .bind(lane)
        .bind(limit(CLAIMED_EVENTS))
        .fetch_all(&mut *c)
        .await?;
    let mut run = Vec::new();
    for row in &rows {
        if !claimed.remove(&get(row, 0)?) {
            break;
        }
        run.push(delivery(row, conversation)?);
    }
    if !claimed.is_empty() {
        sqlx::query(RELEASE).bind(numbers(claimed)?).bind(leased_until.0).execute(&mut *c).await?;
    }
    Ok(run)
}

fn delivery(row: &Row, conversation: i64) -> Result<WebhookDelivery> {
    Ok(WebhookDelivery {
        id: get(row, 0)?,
        key: key(get(row, 1)?)?,
        kind: event_kind(get(row, 2)?)?,
        conversation: ConversationId(conversation),
        seq: get(row, 3)?,
        user: get::<Option<i64>>(row, 4)?.map(UserId),
        created_at: Timestamp(get(row, 5)?),
        attempts: get(row, 6)?,
        expires_at: Timestamp(get(row, 7)?),
        leased_until: Timestamp(get(row, 8)?),
    })
}

/// The id that the endpoint knows, from its column.
pub(super) fn key(bytes: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(|error| StoreError::Internal(error.to_string()))
}

/// The kind of an event, from its column.
pub(super) fn event_kind(number: i64) -> Result<WebhookEventKind> {
    WebhookEventKind::of(number).ok_or_else(|| StoreError::Internal(format!("{number} is no kind of event")))
}

fn limit(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
