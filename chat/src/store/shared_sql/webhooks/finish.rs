//! Ends of claims. A failed attempt changes one row: its event is the head of the lane, and the events behind it wait with it.

use super::super::connections::transaction;
use super::super::{Backend, Connection, Row};
use super::claim::RELEASE;
use super::heads::{self, Lane};
use super::{among, get, numbers};
use crate::store::error::Result;
use crate::store::{DeliveryResult, WebhookClaim};
use protocol::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const DELIVERED: &str = concat!(
    "UPDATE webhook_event SET state = 1, attempts = attempts + 1, status = $2, tried_at = $3, leased_until = 0 \
     WHERE state = 0 AND leased_until = $4 AND id ",
    among!("$1"),
    " RETURNING webhook_id, conversation_id, lane"
);

const DROPPED: &str = concat!(
    "DELETE FROM webhook_event WHERE state = 0 AND leased_until = $2 AND id ",
    among!("$1"),
    " RETURNING webhook_id, conversation_id, lane"
);

const GIVEN_UP: &str = "UPDATE webhook_event SET state = 2, attempts = attempts + 1, status = $2, tried_at = $3, \
        leased_until = 0 WHERE id = $1 AND state = 0 AND leased_until = $4 RETURNING webhook_id, conversation_id, lane";

const FAILED: &str = "UPDATE webhook_event SET attempts = attempts + 1, status = $2, tried_at = $3, leased_until = 0, \
        due_at = $5 WHERE id = $1 AND state = 0 AND leased_until = $4";

const POSTPONED: &str = "UPDATE webhook_event SET leased_until = 0, due_at = $2 WHERE id = $1 AND state = 0 AND leased_until = $3";

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
    // The lanes whose first event ended.
    let mut lanes = BTreeSet::new();
    for (claim, result) in results {
        let lease = claim.leased_until.0;
        match result {
            DeliveryResult::Delivered(status) => {
                delivered.entry((lease, *status)).or_default().push(claim.id);
            }
            DeliveryResult::Released => released.entry(lease).or_default().push(claim.id),
            DeliveryResult::Dropped => dropped.entry(lease).or_default().push(claim.id),
            DeliveryResult::Postponed(due_at) => {
                sqlx::query(POSTPONED).bind(claim.id).bind(due_at.0).bind(lease).execute(&mut *c).await?;
            }
            DeliveryResult::Failed(status, due_at) => {
                sqlx::query(FAILED)
                    .bind(claim.id)
                    .bind(status.map(i64::from))
                    .bind(now.0)
                    .bind(lease)
                    .bind(due_at.0)
                    .execute(&mut *c)
                    .await?;
            }
            DeliveryResult::GivenUp(status) => {
                let ended = sqlx::query(GIVEN_UP)
                    .bind(claim.id)
                    .bind(status.map(i64::from))
                    .bind(now.0)
                    .bind(lease)
                    .fetch_all(&mut *c)
                    .await?;
                add(&ended, &mut lanes)?;
            }
        }
    }
    for ((lease, status), ids) in delivered {
        let ended = sqlx::query(DELIVERED)
            .bind(numbers(ids)?)
            .bind(i64::from(status))
            .bind(now.0)
            .bind(lease)
            .fetch_all(&mut *c)
            .await?;
        add(&ended, &mut lanes)?;
    }
    for (lease, ids) in released {
        sqlx::query(RELEASE).bind(numbers(ids)?).bind(lease).execute(&mut *c).await?;
    }
    for (lease, ids) in dropped {
        let ended = sqlx::query(DROPPED).bind(numbers(ids)?).bind(lease).fetch_all(&mut *c).await?;
        add(&ended, &mut lanes)?;
    }
    heads::advance(c, lanes).await
}

fn add(rows: &[Row], lanes: &mut BTreeSet<Lane>) -> Result<()> {
    for row in rows {
        lanes.insert((get(row, 0)?, get(row, 1)?, get(row, 2)?));
    }
    Ok(())
}
