//! Heads of lanes: the first pending event of each lane of a conversation is marked, and no event behind it is found as due.

use super::super::Connection;
use super::super::dialect::locked;
use super::{among, numbers};
use crate::store::error::Result;
use std::collections::BTreeSet;

/// The number of an endpoint, a conversation and a lane.
pub(super) type Lane = (i64, i64, i64);

/// Makes the first pending event of a lane its head.
pub(in super::super) const ADVANCE: &str = "UPDATE webhook_event SET head = 1 WHERE id = (SELECT e.id FROM webhook_event e \
        WHERE e.webhook_id = $1 AND e.conversation_id = $2 AND e.lane = $3 AND e.state = 0 ORDER BY e.id LIMIT 1)";

/// Locks these conversations, as a commit that stores events of them does.
const CONVERSATIONS: &str = concat!("SELECT id FROM conversation WHERE id ", among!("$1"), locked!());

/// Gives each of these lanes, whose first events ended, its next head. The last change of a transaction.
pub(super) async fn advance(c: &mut Connection, lanes: BTreeSet<Lane>) -> Result<()> {
    let mut empty = Vec::new();
    for lane in lanes {
        if !advance_one(c, lane).await? {
            empty.push(lane);
        }
    }
    if empty.is_empty() {
        return Ok(());
    }
    // A commit on another node may have stored an event behind the one that ended, and this transaction not see it: it is seen
    // under the lock of its conversation. Later ones wait for the lock, and then are heads themselves.
    let conversations: BTreeSet<i64> = empty.iter().map(|(_, conversation, _)| *conversation).collect();
    sqlx::query(CONVERSATIONS).bind(numbers(conversations)?).fetch_all(&mut *c).await?;
    for lane in empty {
        advance_one(c, lane).await?;
    }
    Ok(())
}

/// The first pending events of lanes without a head.
const HEADLESS: &str = "SELECT min(e.id) FROM webhook_event e WHERE e.state = 0 \
     GROUP BY e.webhook_id, e.conversation_id, e.lane HAVING max(e.head) = 0";

/// Reads the first pending events of lanes without a head: those whose head went with the account of a person, or was ended by a
/// program that does not know heads.
pub(super) async fn missing(c: &mut Connection) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(HEADLESS).fetch_all(c).await?)
}

/// Makes these events heads.
pub(super) async fn mark(c: &mut Connection, ids: &[i64]) -> Result<()> {
    sqlx::query(concat!("UPDATE webhook_event SET head = 1 WHERE state = 0 AND id ", among!("$1")))
        .bind(numbers(ids.iter().copied())?)
        .execute(c)
        .await?;
    Ok(())
}

/// Whether the lane has a pending event.
async fn advance_one(c: &mut Connection, (webhook, conversation, lane): Lane) -> Result<bool> {
    let advanced = sqlx::query(ADVANCE).bind(webhook).bind(conversation).bind(lane).execute(&mut *c).await?;
    Ok(advanced.rows_affected() > 0)
}
