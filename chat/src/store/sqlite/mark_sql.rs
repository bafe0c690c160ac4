//! What receipts ask of SQLite, and write: one statement each, however many they are.

use super::dialect::json;
use super::mark::{Grown, Known, Move};
use super::rows::get;
use super::{Connection, fault};
use crate::Result;
use crate::store::Mark;
use protocol::{MessageId, Timestamp};

pub(super) const LOOK: &str = "SELECT j.key, w.read_seq, w.delivered_seq, t.id, t.seq \
     FROM json_each($1) j \
     CROSS JOIN member w ON w.conversation_id = j.value ->> 1 AND w.user_id = j.value ->> 0 AND w.has_left = 0 \
     LEFT JOIN message t ON t.conversation_id = w.conversation_id AND t.id = coalesce(j.value ->> 2, \
        (SELECT n.id FROM message n WHERE n.conversation_id = w.conversation_id ORDER BY n.seq DESC LIMIT 1))";

// And when, where receipts are told one by one.
pub(super) const WRITE: &str = "UPDATE member \
     SET read_seq = max(read_seq, j.value ->> 2), delivered_seq = max(delivered_seq, j.value ->> 3) \
     FROM json_each($1) j WHERE member.conversation_id = j.value ->> 0 AND member.user_id = j.value ->> 1; \
     INSERT INTO receipt (conversation_id, user_id, is_read, seq, after_seq, at) \
     SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, $3 FROM json_each($2) j \
     WHERE (SELECT count(*) FROM (SELECT 1 FROM member x \
        WHERE x.conversation_id = j.value ->> 0 AND x.has_left = 0 LIMIT 33)) <= 32 \
     ON CONFLICT DO NOTHING";

/// What reading takes of its readers' own counters.
const OWN: &str = "UPDATE account SET user_rev = user_rev + (j.value ->> 1) FROM json_each($1) j \
     WHERE account.id = j.value ->> 0 RETURNING id, user_rev";

/// For each mark what is known; nothing where the user is no member.
pub(super) async fn look(c: &mut Connection, marks: &[Mark]) -> Result<Vec<Option<Known>>> {
    let asked: Vec<_> = marks.iter().map(|mark| (mark.user, mark.conversation, mark.message)).collect();
    let rows = sqlx::query(LOOK).bind(json(&asked)?).fetch_all(c).await.map_err(fault)?;
    let mut known: Vec<Option<Known>> = Vec::new();
    known.resize_with(marks.len(), || None);
    for row in &rows {
        let at = usize::try_from(get::<i64>(row, 0)?).unwrap_or(usize::MAX);
        let Some(slot) = known.get_mut(at) else { continue };
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
    let grown: Vec<_> = grown.iter().map(|g| (g.conversation, g.user, g.read, g.delivered)).collect();
    let moves: Vec<_> = moves
        .iter()
        .map(|moved| (moved.conversation, moved.user, i64::from(moved.is_read), moved.to, moved.from))
        .collect();
    sqlx::query(WRITE).bind(json(&grown)?).bind(json(&moves)?).bind(now.0).execute(c).await.map_err(fault)?;
    Ok(())
}

/// Raises these people's own counters by so much, and gives what they are then.
pub(super) async fn raise(c: &mut Connection, by: &[(i64, i64)]) -> Result<Vec<(i64, i64)>> {
    let rows = sqlx::query(OWN).bind(json(by)?).fetch_all(c).await.map_err(fault)?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}
