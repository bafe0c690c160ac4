//! The outbox: stores the events of a batch in the transaction of the batch.

use super::super::Connection;
use super::{bytes, hex, join, json, json_rows};
use crate::store::error::Result;
use crate::store::{
    NewWebhookEvent, Outcome, WebhookEventKind, WebhookEvents, WebhookSwitch, Write, events_of,
};
use crate::timings::WEBHOOK_TRIED_FOR_MICROS;
use protocol::Timestamp;
use uuid::Uuid;

/// The cells of an event: place, key, kind, lane, conversation, `seq`, person, delay. Ids are assigned in the order of the places.
type EventRow = (usize, String, i64, i64, i64, Option<i64>, Option<i64>, i64);

/// An event is the head of its lane if nothing is pending there, and no earlier event of the batch is in the lane.
const INSERT: &str = concat!(
    "INSERT INTO webhook_event (webhook_id, key, kind, lane, conversation_id, seq, user_id, created_at, due_at, expires_at, head) \
     SELECT h.id, ",
    bytes!("j.value ->> 1"),
    ", CAST(j.value ->> 2 AS BIGINT), CAST(j.value ->> 3 AS BIGINT), CAST(j.value ->> 4 AS BIGINT), \
        CAST(j.value ->> 5 AS BIGINT), CAST(j.value ->> 6 AS BIGINT), $2, $2 + CAST(j.value ->> 7 AS BIGINT), $3, \
        CASE WHEN EXISTS (SELECT 1 FROM webhook_event e WHERE e.webhook_id = h.id \
                AND e.conversation_id = CAST(j.value ->> 4 AS BIGINT) AND e.lane = CAST(j.value ->> 3 AS BIGINT) AND e.state = 0) \
            OR row_number() OVER (PARTITION BY h.id, CAST(j.value ->> 4 AS BIGINT), CAST(j.value ->> 3 AS BIGINT) \
                ORDER BY CAST(j.value ->> 0 AS BIGINT)) > 1 \
            THEN 0 ELSE 1 END FROM ",
    json_rows!("$1"),
    " ",
    join!(),
    " webhook h ON (h.events & CAST(j.value ->> 2 AS BIGINT)) <> 0 \
     JOIN conversation c ON c.id = CAST(j.value ->> 4 AS BIGINT) \
     WHERE h.subject_kind IS NULL OR h.subject_kind = c.subject_kind \
     ORDER BY CAST(j.value ->> 0 AS BIGINT), h.id"
);

/// Stores the events of these writes for the endpoints that are told of them; gives whether there are any.
pub(in super::super) async fn record(
    c: &mut Connection,
    switch: &WebhookSwitch,
    batch: &[Write],
    outcomes: &[crate::Result<Outcome>],
    now: Timestamp,
) -> Result<bool> {
    let wanted = switch.wanted();
    if wanted.is_empty() {
        return Ok(false);
    }
    let events = wanted_events(wanted, batch, outcomes);
    if events.is_empty() {
        return Ok(false);
    }
    let row = |(place, event): (usize, &NewWebhookEvent)| -> EventRow {
        let is_unread = event.kind == WebhookEventKind::MessageUnread;
        let delay = if is_unread { switch.unread_delay_micros() } else { 0 };
        let key = hex(Uuid::new_v4().as_bytes());
        let user = event.user.map(|user| user.0);
        (place, key, event.kind as i64, i64::from(is_unread), event.conversation.0, event.seq, user, delay)
    };
    let rows: Vec<EventRow> = events.iter().enumerate().map(row).collect();
    let stored = sqlx::query(INSERT)
        .bind(json(&rows)?)
        .bind(now.0)
        .bind(now.0 + WEBHOOK_TRIED_FOR_MICROS)
        .execute(c)
        .await?;
    Ok(stored.rows_affected() > 0)
}

fn wanted_events(
    wanted: WebhookEvents,
    batch: &[Write],
    outcomes: &[crate::Result<Outcome>],
) -> Vec<NewWebhookEvent> {
    let mut events = Vec::new();
    for (write, outcome) in batch.iter().zip(outcomes) {
        if let Ok(outcome) = outcome {
            events_of(write, outcome, &mut events);
        }
    }
    events.retain(|event| wanted.contains(event.kind));
    events
}
