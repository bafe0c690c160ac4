//! Queries of [`super::shared_sql::mark`] for SQLite: one statement each for batches of any size.

use super::Connection;
use super::dialect::json;
use super::shared_sql::mark::{MarkLookup, NewPositions, PositionChange};
use super::shared_sql::rows::{flag, get};
use crate::store::Mark;
use crate::store::error::Result;
use protocol::{MessageId, Timestamp};

pub(super) const CONTEXT: &str = "SELECT j.key, w.read_seq, w.delivered_seq, t.id, t.seq, w.shown_read_seq, s.send_read_receipts, \
        w.marked_unread, w.rested_at IS NOT NULL AND w.may_be_unread = 1 \
     FROM json_each($1) j \
     CROSS JOIN member w ON w.conversation_id = j.value ->> 1 AND w.user_id = j.value ->> 0 AND w.has_left = 0 \
     CROSS JOIN account s ON s.id = w.user_id \
     LEFT JOIN message t ON t.conversation_id = w.conversation_id AND t.seq > w.from_seq AND t.id = coalesce(j.value ->> 2, \
        (SELECT n.id FROM message n WHERE n.conversation_id = w.conversation_id ORDER BY n.seq DESC LIMIT 1))";

// The time of a change is kept in small conversations only.
pub(super) const UPDATE_POSITIONS: &str = "UPDATE member \
        SET read_seq = max(read_seq, j.value ->> 2), delivered_seq = max(delivered_seq, j.value ->> 3), \
            shown_read_seq = max(shown_read_seq, j.value ->> 4), marked_unread = min(marked_unread, j.value ->> 5) \
     FROM json_each($1) j WHERE member.conversation_id = j.value ->> 0 AND member.user_id = j.value ->> 1; \
     INSERT INTO receipt (conversation_id, user_id, is_read, seq, after_seq, at) \
     SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, $3 FROM json_each($2) j \
     WHERE (SELECT count(*) FROM (SELECT 1 FROM member x \
        WHERE x.conversation_id = j.value ->> 0 AND x.has_left = 0 LIMIT 33)) <= 32 \
     ON CONFLICT DO NOTHING";

/// Increments the counters of readers.
const INCREMENT_USER_REVS: &str = "UPDATE account SET user_rev = user_rev + (j.value ->> 1) FROM json_each($1) j \
     WHERE account.id = j.value ->> 0 RETURNING id, user_rev";

/// Reads the context of each mark; `None` if the user is not a member.
pub(super) async fn load_context(c: &mut Connection, marks: &[Mark]) -> Result<Vec<Option<MarkLookup>>> {
    let asked: Vec<_> = marks.iter().map(|mark| (mark.user, mark.conversation, mark.message)).collect();
    let rows = sqlx::query(CONTEXT).bind(json(&asked)?).fetch_all(c).await?;
    let mut lookups: Vec<Option<MarkLookup>> = Vec::new();
    lookups.resize_with(marks.len(), || None);
    for row in &rows {
        let at = usize::try_from(get::<i64>(row, 0)?).unwrap_or(usize::MAX);
        let Some(slot) = lookups.get_mut(at) else { continue };
        let target = get::<Option<i64>>(row, 3)?.zip(get::<Option<i64>>(row, 4)?);
        *slot = Some(MarkLookup {
            read: get(row, 1)?,
            delivered: get(row, 2)?,
            shown: get(row, 5)?,
            sends_receipts: flag(row, 6)?,
            marked_unread: flag(row, 7)?,
            rests_unread: flag(row, 8)?,
            target: target.map(|(id, seq)| (MessageId(id), seq)),
        });
    }
    Ok(lookups)
}

/// Writes the new positions, and the time of each change.
pub(super) async fn update(
    c: &mut Connection,
    positions: &[NewPositions],
    changes: &[PositionChange],
    now: Timestamp,
) -> Result<()> {
    let positions: Vec<_> = positions
        .iter()
        .map(|g| (g.conversation, g.user, g.read, g.delivered, g.shown, i64::from(!g.unmarked)))
        .collect();
    let changes: Vec<_> = changes
        .iter()
        .map(|change| (change.conversation, change.user, i64::from(change.is_read), change.to, change.from))
        .collect();
    sqlx::query(UPDATE_POSITIONS)
        .bind(json(&positions)?)
        .bind(json(&changes)?)
        .bind(now.0)
        .execute(c)
        .await?;
    Ok(())
}

/// Increments the people's counters, and returns the new values.
pub(super) async fn increment_user_revs(c: &mut Connection, by: &[(i64, i64)]) -> Result<Vec<(i64, i64)>> {
    let rows = sqlx::query(INCREMENT_USER_REVS).bind(json(by)?).fetch_all(c).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}
