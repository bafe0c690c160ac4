//! Claims of push subscriptions by a node, each a conditional update with a lease, their ends, and the progress of pushes.

use super::connections::transaction;
use super::dialect::{among, largest, locked, numbers};
use super::rows::get;
use super::{Backend, Connection};
use crate::store::error::Result;
use crate::store::{PushClaim, PushResult};
use protocol::Timestamp;

/// Locks these subscriptions in the order of their ids, which excludes deadlocks between nodes.
const LOCK: &str = concat!("SELECT id FROM push_subscription WHERE id ", among!("$1"), locked!());

/// Claims those of these subscriptions that are free.
pub(super) const CLAIM: &str = concat!(
    "UPDATE push_subscription SET leased_until = $3 WHERE leased_until <= $2 AND id ",
    among!("$1"),
    " RETURNING id, pushed_at, refusals"
);

const FINISH: &str = concat!(
    "UPDATE push_subscription SET pushed_at = ",
    largest!("pushed_at", "$3"),
    ", refusals = $4, leased_until = CASE WHEN leased_until = $2 THEN $5 ELSE leased_until END WHERE id = $1"
);

async fn lock(c: &mut Connection, ids: impl IntoIterator<Item = i64>) -> Result<()> {
    sqlx::query(LOCK).bind(numbers(ids)?).fetch_all(c).await?;
    Ok(())
}

/// See [`crate::store::PushStore::claim_push_subscriptions`].
pub(super) async fn claim(
    store: &Backend,
    ids: &[i64],
    now: Timestamp,
    leased_until: Timestamp,
) -> crate::Result<Vec<PushClaim>> {
    transaction!(store, c => claim_free(c, ids, now, leased_until))
}

async fn claim_free(
    c: &mut Connection,
    ids: &[i64],
    now: Timestamp,
    leased_until: Timestamp,
) -> Result<Vec<PushClaim>> {
    lock(c, ids.iter().copied()).await?;
    let rows = sqlx::query(CLAIM)
        .bind(numbers(ids.iter().copied())?)
        .bind(now.0)
        .bind(leased_until.0)
        .fetch_all(c)
        .await?;
    let claim =
        |row| Ok(PushClaim { id: get(row, 0)?, pushed_at: Timestamp(get(row, 1)?), refusals: get(row, 2)? });
    rows.iter().map(claim).collect()
}

/// See [`crate::store::PushStore::finish_pushes`].
pub(super) async fn finish(store: &Backend, results: &[PushResult]) -> crate::Result<()> {
    transaction!(store, c => finish_all(c, results))
}

async fn finish_all(c: &mut Connection, results: &[PushResult]) -> Result<()> {
    lock(c, results.iter().map(|result| result.id)).await?;
    for result in results {
        sqlx::query(FINISH)
            .bind(result.id)
            .bind(result.leased_until.0)
            .bind(result.pushed_at.0)
            .bind(result.refusals)
            .bind(result.wait_until.map_or(0, |at| at.0))
            .execute(&mut *c)
            .await?;
    }
    Ok(())
}

/// See [`crate::store::PushStore::set_pushed`].
pub(super) async fn set_pushed(store: &Backend, progress: &[(Timestamp, Vec<i64>)]) -> crate::Result<()> {
    transaction!(store, c => move_forward(c, progress))
}

async fn move_forward(c: &mut Connection, progress: &[(Timestamp, Vec<i64>)]) -> Result<()> {
    lock(c, progress.iter().flat_map(|(_, ids)| ids.iter().copied())).await?;
    for (at, ids) in progress {
        sqlx::query(concat!(
            "UPDATE push_subscription SET pushed_at = $2 WHERE pushed_at < $2 AND id ",
            among!("$1")
        ))
        .bind(numbers(ids.iter().copied())?)
        .bind(at.0)
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}
