//! Receipts: they only grow.

use super::fault;
use super::rows::{get, json};
use crate::store::{Mark, Marked, Outcome, missing};
use crate::{Error, Result};
use protocol::{ConversationId, MessageId, Timestamp, UserId};
use sqlx::SqliteConnection;
use std::collections::HashMap;

pub(super) const LOOK: &str = "SELECT j.key, w.read_seq, w.delivered_seq, t.id, t.seq \
     FROM json_each(?1) j \
     CROSS JOIN member w ON w.conversation_id = j.value ->> 1 AND w.user_id = j.value ->> 0 AND w.has_left = 0 \
     LEFT JOIN message t ON t.conversation_id = w.conversation_id AND t.id = coalesce(j.value ->> 2, \
        (SELECT n.id FROM message n WHERE n.conversation_id = w.conversation_id ORDER BY n.seq DESC LIMIT 1))";

// And when, where receipts are told one by one.
pub(super) const WRITE: &str = "UPDATE member \
     SET read_seq = max(read_seq, j.value ->> 2), delivered_seq = max(delivered_seq, j.value ->> 3) \
     FROM json_each(?1) j WHERE member.conversation_id = j.value ->> 0 AND member.user_id = j.value ->> 1; \
     INSERT INTO receipt (conversation_id, user_id, is_read, seq, after_seq, at) \
     SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, ?3 FROM json_each(?2) j \
     WHERE (SELECT count(*) FROM (SELECT 1 FROM member x \
        WHERE x.conversation_id = j.value ->> 0 AND x.has_left = 0 LIMIT 33)) <= 32 \
     ON CONFLICT DO NOTHING";

/// What reading takes of its readers' own counters.
const OWN: &str = "UPDATE account SET user_rev = user_rev + (j.value ->> 1) FROM json_each(?1) j \
     WHERE account.id = j.value ->> 0 RETURNING id, user_rev";

/// How far a member is, before and after this run.
struct Position {
    read: i64,
    delivered: i64,
    /// Read and delivered, before.
    before: (i64, i64),
}

/// A member of the conversation, and the message they mean (none: the conversation has none, or not this one).
struct Known {
    read: i64,
    delivered: i64,
    target: Option<(MessageId, i64)>,
}

/// All of these, in order.
pub(super) async fn all(
    c: &mut SqliteConnection,
    marks: &[Mark],
    now: Timestamp,
) -> Result<Vec<Result<Outcome>>> {
    let known = look(c, marks).await?;
    let mut positions: HashMap<(ConversationId, UserId), Position> = HashMap::new();
    let mut outcomes = Vec::with_capacity(marks.len());
    for (mark, known) in marks.iter().zip(known) {
        let outcome = match known {
            None => Err(Error::not_found()),
            Some(Known { target: None, .. }) if mark.message.is_some() => Err(Error::not_found()),
            Some(Known { target: None, .. }) => Ok(Outcome::Marked(None)),
            Some(Known { read, delivered, target: Some((message, seq)) }) => {
                let position = positions.entry((mark.conversation, mark.user)).or_insert(Position {
                    read,
                    delivered,
                    before: (read, delivered),
                });
                Ok(Outcome::Marked(position.merge(mark, message, seq)))
            }
        };
        outcomes.push(outcome);
    }
    write(c, &positions, now).await?;
    number(c, marks, &mut outcomes).await?;
    Ok(outcomes)
}

/// Gives each that grew its reader's position the next value of that person's own counter, in order.
async fn number(c: &mut SqliteConnection, marks: &[Mark], outcomes: &mut [Result<Outcome>]) -> Result<()> {
    let mut read: Vec<(UserId, &mut Marked)> = Vec::new();
    for (mark, outcome) in marks.iter().zip(outcomes) {
        if let Ok(Outcome::Marked(Some(marked))) = outcome
            && marked.read
        {
            read.push((mark.user, marked));
        }
    }
    if read.is_empty() {
        return Ok(());
    }
    let mut counts: HashMap<UserId, i64> = HashMap::new();
    for (user, _) in &read {
        *counts.entry(*user).or_default() += 1;
    }
    let asked: Vec<_> = counts.iter().collect();
    let rows = sqlx::query(OWN).bind(json(&asked)?).fetch_all(c).await.map_err(fault)?;
    let mut next = HashMap::new();
    for row in &rows {
        let user = UserId(get(row, 0)?);
        next.insert(user, get::<i64>(row, 1)? - counts.get(&user).copied().unwrap_or(0));
    }
    for (user, marked) in read {
        let next = next.get_mut(&user).ok_or_else(|| missing("a reader"))?;
        *next += 1;
        marked.user_rev = Some(*next);
    }
    Ok(())
}

impl Position {
    fn merge(&mut self, mark: &Mark, message: MessageId, seq: i64) -> Option<Marked> {
        let read = mark.read && seq > self.read;
        let delivered = seq > self.delivered;
        if !read && !delivered {
            return None;
        }
        if read {
            self.read = seq;
        }
        if delivered {
            self.delivered = seq;
        }
        Some(Marked { message, seq, read, delivered, user_rev: None })
    }
}

async fn look(c: &mut SqliteConnection, marks: &[Mark]) -> Result<Vec<Option<Known>>> {
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

async fn write(
    c: &mut SqliteConnection,
    positions: &HashMap<(ConversationId, UserId), Position>,
    now: Timestamp,
) -> Result<()> {
    let (mut grown, mut moves) = (Vec::new(), Vec::new());
    for ((conversation, user), Position { read, delivered, before }) in positions {
        if (*read, *delivered) != *before {
            grown.push((conversation, user, read, delivered));
        }
        for (is_read, to, from) in [(0, delivered, before.1), (1, read, before.0)] {
            if *to > from {
                moves.push((conversation, user, is_read, to, from));
            }
        }
    }
    if !grown.is_empty() {
        let query = sqlx::query(WRITE).bind(json(&grown)?).bind(json(&moves)?).bind(now.0);
        query.execute(c).await.map_err(fault)?;
    }
    Ok(())
}
