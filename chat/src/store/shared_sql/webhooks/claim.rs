//! Claims of pending events by a node, each a conditional update with a lease, and their ends.

use super::super::connections::{read, transaction};
use super::super::{Backend, Connection, Row};
use super::{among, at_most, get, numbers};
use crate::store::error::{Result, StoreError};
use crate::store::{
    CLAIMED_EVENTS, CLAIMED_LANES, DeliveryResult, WebhookClaim, WebhookDelivery, WebhookEventKind,
};
use protocol::{ConversationId, Timestamp, UserId};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// The lanes with events that are due.
pub(in super::super) const DUE: &str = concat!(
    "SELECT e.conversation_id, e.lane FROM webhook_event e \
     WHERE e.webhook_id = $1 AND e.state = 0 AND e.due_at <= $2 AND e.leased_until <= $2 \
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
    "SELECT e.id, e.key, e.kind, e.seq, e.user_id, e.created_at, e.attempts, e.expires_at, e.leased_until, e.due_at \
     FROM webhook_event e WHERE e.webhook_id = $1 AND e.conversation_id = $2 AND e.lane = $3 AND e.state = 0 \
     ORDER BY e.id",
    at_most!("$4")
);

const RELEASE: &str = concat!(
    "UPDATE webhook_event SET leased_until = 0 WHERE state = 0 AND leased_until = $2 AND id ",
    among!("$1")
);

/// Postpones the following events of a lane, so that they are not found as due at each look.
const POSTPONE: &str = "UPDATE webhook_event SET due_at = $4 \
     WHERE webhook_id = $1 AND conversation_id = $2 AND lane = $3 AND state = 0 AND due_at < $4";

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
    if run.is_empty()
        && let Some(first) = rows.first()
    {
        // Behind an event that waits for its next attempt.
        let due_at: i64 = get(first, 9)?;
        if due_at > now.0 {
            postpone(c, (webhook, conversation, lane), due_at).await?;
        }
    }
    Ok(run)
}

async fn postpone(
    c: &mut Connection,
    (webhook, conversation, lane): (i64, i64, i64),
    due_at: i64,
) -> Result<()> {
    sqlx::query(POSTPONE).bind(webhook).bind(conversation).bind(lane).bind(due_at).execute(c).await?;
    Ok(())
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

pub(in super::super) async fn finish(
    store: &Backend,
    results: &[(WebhookClaim, DeliveryResult)],
    now: Timestamp,
) -> crate::Result<()> {
    if results.is_empty() {
        return Ok(());
    }
    transaction!(store, c => finish_all(c, results, now))
}

async fn finish_all(
    c: &mut Connection,
    results: &[(WebhookClaim, DeliveryResult)],
    now: Timestamp,
) -> Result<()> {
    // By lease, which the claims of one pass share.
    let (mut delivered, mut released, mut dropped) = (
        BTreeMap::<(i64, u16), Vec<i64>>::new(),
        BTreeMap::<i64, Vec<i64>>::new(),
        BTreeMap::<i64, Vec<i64>>::new(),
    );
    for (claim, result) in results {
        let lease = claim.leased_until.0;
        match result {
            DeliveryResult::Delivered(status) => {
                delivered.entry((lease, *status)).or_default().push(claim.id);
            }
            DeliveryResult::Released => released.entry(lease).or_default().push(claim.id),
            DeliveryResult::Dropped => dropped.entry(lease).or_default().push(claim.id),
            DeliveryResult::Postponed(due_at) => wait(c, *claim, *due_at).await?,
            DeliveryResult::Failed(status, due_at) => fail(c, *claim, *status, Some(*due_at), now).await?,
            DeliveryResult::GivenUp(status) => fail(c, *claim, *status, None, now).await?,
        }
    }
    for ((lease, status), ids) in delivered {
        sqlx::query(concat!(
            "UPDATE webhook_event SET state = 1, attempts = attempts + 1, status = $2, tried_at = $3, leased_until = 0 \
             WHERE state = 0 AND leased_until = $4 AND id ",
            among!("$1")
        ))
        .bind(numbers(ids)?)
        .bind(i64::from(status))
        .bind(now.0)
        .bind(lease)
        .execute(&mut *c)
        .await?;
    }
    for (lease, ids) in released {
        sqlx::query(RELEASE).bind(numbers(ids)?).bind(lease).execute(&mut *c).await?;
    }
    for (lease, ids) in dropped {
        sqlx::query(concat!(
            "DELETE FROM webhook_event WHERE state = 0 AND leased_until = $2 AND id ",
            among!("$1")
        ))
        .bind(numbers(ids)?)
        .bind(lease)
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

/// Ends a claim without an attempt, with the time of the next one.
async fn wait(c: &mut Connection, claim: WebhookClaim, due_at: Timestamp) -> Result<()> {
    let row = sqlx::query(
        "UPDATE webhook_event SET leased_until = 0, due_at = $2 WHERE id = $1 AND state = 0 AND leased_until = $3 \
         RETURNING webhook_id, conversation_id, lane",
    )
    .bind(claim.id)
    .bind(due_at.0)
    .bind(claim.leased_until.0)
    .fetch_optional(&mut *c)
    .await?;
    match row {
        Some(row) => postpone(c, (get(&row, 0)?, get(&row, 1)?, get(&row, 2)?), due_at.0).await,
        None => Ok(()),
    }
}

/// Notes an attempt that failed, with the time of the next one.
async fn fail(
    c: &mut Connection,
    claim: WebhookClaim,
    status: Option<u16>,
    due_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    let row = sqlx::query(
        "UPDATE webhook_event SET state = CASE WHEN $4 = 1 THEN 2 ELSE 0 END, attempts = attempts + 1, status = $2, \
            tried_at = $3, leased_until = 0, due_at = $5 \
         WHERE id = $1 AND state = 0 AND leased_until = $6 RETURNING webhook_id, conversation_id, lane",
    )
    .bind(claim.id)
    .bind(status.map(i64::from))
    .bind(now.0)
    .bind(i64::from(due_at.is_none()))
    .bind(due_at.unwrap_or(now).0)
    .bind(claim.leased_until.0)
    .fetch_optional(&mut *c)
    .await?;
    if let (Some(row), Some(due_at)) = (row, due_at) {
        postpone(c, (get(&row, 0)?, get(&row, 1)?, get(&row, 2)?), due_at.0).await?;
    }
    Ok(())
}
