//! Queries of [`super::shared_sql::mark`] for Postgres: one statement each for batches of any size.

use super::Connection;
use super::shared_sql::mark::{MarkLookup, NewPositions, PositionChange};
use super::shared_sql::rows::{flag, get};
use crate::store::Mark;
use crate::store::error::Result;
use protocol::{MessageId, Timestamp};

pub(super) const CONTEXT: &str = "SELECT j.place, w.read_seq, w.delivered_seq, t.id, t.seq, w.shown_read_seq, s.send_read_receipts, \
        w.marked_unread, w.rested_at IS NOT NULL AND w.may_be_unread = 1 \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS j (person, conversation, message, place) \
     JOIN member w ON w.conversation_id = j.conversation AND w.user_id = j.person AND w.has_left = 0 \
     JOIN account s ON s.id = w.user_id \
     LEFT JOIN LATERAL ( \
        SELECT m.id, m.seq FROM message m WHERE m.id = j.message AND m.conversation_id = j.conversation AND m.seq > w.from_seq \
        UNION ALL SELECT * FROM (SELECT n.id, n.seq FROM message n \
            WHERE j.message IS NULL AND n.conversation_id = j.conversation ORDER BY n.seq DESC LIMIT 1) newest \
     ) t ON true";

// The time of a change is kept in small conversations only.
pub(super) const UPDATE_POSITIONS: &str = "WITH grown AS (UPDATE member w \
        SET read_seq = greatest(w.read_seq, g.read), delivered_seq = greatest(w.delivered_seq, g.delivered), \
            shown_read_seq = greatest(w.shown_read_seq, g.shown), marked_unread = least(w.marked_unread, g.marked) \
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $11::bigint[], $12::bigint[]) \
            AS g (conversation, person, read, delivered, shown, marked) \
        WHERE w.conversation_id = g.conversation AND w.user_id = g.person) \
     INSERT INTO receipt (conversation_id, user_id, is_read, seq, after_seq, at) \
     SELECT j.conversation, j.person, j.is_read, j.seq, j.after, $10 \
     FROM unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) \
        AS j (conversation, person, is_read, seq, after) \
     WHERE (SELECT count(*) FROM (SELECT 1 FROM member x \
        WHERE x.conversation_id = j.conversation AND x.has_left = 0 LIMIT 33) y) <= 32 \
     ON CONFLICT DO NOTHING";

/// Increments the counters of readers.
const INCREMENT_USER_REVS: &str = "UPDATE account a SET user_rev = a.user_rev + j.by \
     FROM unnest($1::bigint[], $2::bigint[]) AS j (person, by) WHERE a.id = j.person RETURNING a.id, a.user_rev";

/// Reads the context of each mark; `None` if the user is not a member.
pub(super) async fn load_context(c: &mut Connection, marks: &[Mark]) -> Result<Vec<Option<MarkLookup>>> {
    let rows = sqlx::query(CONTEXT)
        .bind(marks.iter().map(|mark| mark.user.0).collect::<Vec<_>>())
        .bind(marks.iter().map(|mark| mark.conversation.0).collect::<Vec<_>>())
        .bind(marks.iter().map(|mark| mark.message.map(|id| id.0)).collect::<Vec<_>>())
        .fetch_all(c)
        .await?;
    let mut lookups: Vec<Option<MarkLookup>> = Vec::new();
    lookups.resize_with(marks.len(), || None);
    for row in &rows {
        let at = usize::try_from(get::<i64>(row, 0)?).unwrap_or(0);
        let Some(slot) = at.checked_sub(1).and_then(|at| lookups.get_mut(at)) else { continue };
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
    let of_positions = |of: fn(&NewPositions) -> i64| positions.iter().map(of).collect::<Vec<_>>();
    let of_changes = |of: fn(&PositionChange) -> i64| changes.iter().map(of).collect::<Vec<_>>();
    sqlx::query(UPDATE_POSITIONS)
        .bind(of_positions(|g| g.conversation.0))
        .bind(of_positions(|g| g.user.0))
        .bind(of_positions(|g| g.read))
        .bind(of_positions(|g| g.delivered))
        .bind(of_changes(|m| m.conversation.0))
        .bind(of_changes(|m| m.user.0))
        .bind(of_changes(|m| i64::from(m.is_read)))
        .bind(of_changes(|m| m.to))
        .bind(of_changes(|m| m.from))
        .bind(now.0)
        .bind(of_positions(|g| g.shown))
        .bind(of_positions(|g| i64::from(!g.unmarked)))
        .execute(c)
        .await?;
    Ok(())
}

/// Increments the people's counters, and returns the new values.
pub(super) async fn increment_user_revs(c: &mut Connection, by: &[(i64, i64)]) -> Result<Vec<(i64, i64)>> {
    let (people, by): (Vec<i64>, Vec<i64>) = by.iter().copied().unzip();
    let rows = sqlx::query(INCREMENT_USER_REVS).bind(people).bind(by).fetch_all(c).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}
