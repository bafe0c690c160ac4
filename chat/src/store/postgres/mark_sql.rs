//! What receipts ask of Postgres, and write: one statement each, however many they are.

use super::mark::{Grown, Known, Move};
use super::rows::get;
use super::{Connection, fault};
use crate::Result;
use crate::store::Mark;
use protocol::{MessageId, Timestamp};

pub(super) const LOOK: &str = "SELECT j.place, w.read_seq, w.delivered_seq, t.id, t.seq \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS j (person, conversation, message, place) \
     JOIN member w ON w.conversation_id = j.conversation AND w.user_id = j.person AND w.has_left = 0 \
     LEFT JOIN LATERAL ( \
        SELECT m.id, m.seq FROM message m WHERE m.id = j.message AND m.conversation_id = j.conversation \
        UNION ALL SELECT * FROM (SELECT n.id, n.seq FROM message n \
            WHERE j.message IS NULL AND n.conversation_id = j.conversation ORDER BY n.seq DESC LIMIT 1) newest \
     ) t ON true";

// And when, where receipts are told one by one.
pub(super) const WRITE: &str = "WITH grown AS (UPDATE member w \
        SET read_seq = greatest(w.read_seq, g.read), delivered_seq = greatest(w.delivered_seq, g.delivered) \
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) \
            AS g (conversation, person, read, delivered) \
        WHERE w.conversation_id = g.conversation AND w.user_id = g.person) \
     INSERT INTO receipt (conversation_id, user_id, is_read, seq, after_seq, at) \
     SELECT j.conversation, j.person, j.is_read, j.seq, j.after, $10 \
     FROM unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) \
        AS j (conversation, person, is_read, seq, after) \
     WHERE (SELECT count(*) FROM (SELECT 1 FROM member x \
        WHERE x.conversation_id = j.conversation AND x.has_left = 0 LIMIT 33) y) <= 32 \
     ON CONFLICT DO NOTHING";

/// What reading takes of its readers' own counters.
const OWN: &str = "UPDATE account a SET user_rev = a.user_rev + j.by \
     FROM unnest($1::bigint[], $2::bigint[]) AS j (person, by) WHERE a.id = j.person RETURNING a.id, a.user_rev";

/// For each mark what is known; nothing where the user is no member.
pub(super) async fn look(c: &mut Connection, marks: &[Mark]) -> Result<Vec<Option<Known>>> {
    let rows = sqlx::query(LOOK)
        .bind(marks.iter().map(|mark| mark.user.0).collect::<Vec<_>>())
        .bind(marks.iter().map(|mark| mark.conversation.0).collect::<Vec<_>>())
        .bind(marks.iter().map(|mark| mark.message.map(|id| id.0)).collect::<Vec<_>>())
        .fetch_all(c)
        .await
        .map_err(fault)?;
    let mut known: Vec<Option<Known>> = Vec::new();
    known.resize_with(marks.len(), || None);
    for row in &rows {
        let at = usize::try_from(get::<i64>(row, 0)?).unwrap_or(0);
        let Some(slot) = at.checked_sub(1).and_then(|at| known.get_mut(at)) else { continue };
        let target = get::<Option<i64>>(row, 3)?.zip(get::<Option<i64>>(row, 4)?);
        *slot = Some(Known {
            read: get(row, 1)?,
            delivered: get(row, 2)?,
            target: target.map(|(id, seq)| (MessageId(id), seq)),
        });
    }
    Ok(known)
}

/// New positions, and when they moved.
pub(super) async fn write(c: &mut Connection, grown: &[Grown], moves: &[Move], now: Timestamp) -> Result<()> {
    let of_grown = |of: fn(&Grown) -> i64| grown.iter().map(of).collect::<Vec<_>>();
    let of_moves = |of: fn(&Move) -> i64| moves.iter().map(of).collect::<Vec<_>>();
    sqlx::query(WRITE)
        .bind(of_grown(|g| g.conversation.0))
        .bind(of_grown(|g| g.user.0))
        .bind(of_grown(|g| g.read))
        .bind(of_grown(|g| g.delivered))
        .bind(of_moves(|m| m.conversation.0))
        .bind(of_moves(|m| m.user.0))
        .bind(of_moves(|m| i64::from(m.is_read)))
        .bind(of_moves(|m| m.to))
        .bind(of_moves(|m| m.from))
        .bind(now.0)
        .execute(c)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Raises these people's own counters by so much, and gives what they are then.
pub(super) async fn raise(c: &mut Connection, by: &[(i64, i64)]) -> Result<Vec<(i64, i64)>> {
    let (people, by): (Vec<i64>, Vec<i64>) = by.iter().copied().unzip();
    let rows = sqlx::query(OWN).bind(people).bind(by).fetch_all(c).await.map_err(fault)?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}
