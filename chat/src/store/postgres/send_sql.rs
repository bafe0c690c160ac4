//! Queries of [`super::shared_sql::send`] for Postgres: one statement each for batches of any size.

use super::Connection;
use super::shared_sql::rows::{
    PERSON_COLUMNS, flag, get, has_draft, message_columns, messages, names_other_request,
    partner_is_suspended, person, person_columns,
};
use super::shared_sql::send::{MessageKey, New, SendLookup, SenderRun, Tail};
use crate::store::NewMessage;
use crate::store::error::{Result, StoreError};
use protocol::{ConversationId, Message, MessageId, Timestamp};
use std::collections::HashMap;

pub(super) const CONTEXT: &str = concat!(
    "SELECT j.place, c.rev, r.id IS NOT NULL, coalesce(m.hash = j.hash, false), m.conversation_id, m.seq, \
        l.sender_id, l.run_seq, ",
    partner_is_suspended!(),
    ", ",
    person_columns!("s"),
    ", c.has_archived, ",
    has_draft!(),
    ", c.closed_reason IS NOT NULL, c.has_resting, ",
    names_other_request!("j.sender", "j.client"),
    " FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[]) \
        WITH ORDINALITY AS j (sender, conversation, client, hash, reply, place) \
     JOIN member w ON w.conversation_id = j.conversation AND w.user_id = j.sender AND w.has_left = 0 \
     JOIN conversation c ON c.id = w.conversation_id \
     JOIN account s ON s.id = w.user_id \
     LEFT JOIN LATERAL (SELECT n.sender_id, coalesce(n.run_seq, n.seq) AS run_seq FROM message n \
        WHERE n.conversation_id = c.id ORDER BY n.seq DESC LIMIT 1) l ON true \
     LEFT JOIN message m ON m.sender_id = j.sender AND m.client_id = j.client \
     LEFT JOIN message r ON r.id = j.reply AND r.conversation_id = j.conversation AND r.seq > w.from_seq \
        AND NOT EXISTS (SELECT 1 FROM hidden h \
            WHERE h.user_id = j.sender AND h.message_id = r.id AND h.hidden = 1)"
);

/// Messages by their keys.
pub(super) const MESSAGES: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (conversation, seq) \
     JOIN message m ON m.conversation_id = j.conversation AND m.seq = j.seq \
     JOIN account a ON a.id = m.sender_id"
);

// Another server can be writing the same client id into another conversation, under other locks. The insert waits for it,
// and the next attempt finds its message.
pub(super) const INSERT: &str = "WITH counted AS (UPDATE conversation c SET rev = j.rev, active_at = greatest(c.active_at, $11) \
        FROM unnest($9::bigint[], $10::bigint[]) AS j (id, rev) WHERE c.id = j.id) \
     INSERT INTO message \
        (conversation_id, seq, rev, run_seq, sender_id, client_id, hash, content, reply_to, created_at) \
     SELECT j.conversation, j.seq, j.seq, j.run, j.sender, j.client, j.hash, j.content, j.reply, $11 \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::text[], \
        $8::bigint[]) AS j (conversation, seq, run, sender, client, hash, content, reply) \
     ON CONFLICT (sender_id, client_id) DO NOTHING RETURNING id, conversation_id, seq";

/// Ids are assigned by Postgres.
pub(super) struct Ids;

/// Reads the context of each send; `None` if the sender is not a member.
pub(super) async fn load_context(
    c: &mut Connection,
    sends: &[&NewMessage],
) -> Result<(Ids, Vec<Option<SendLookup>>)> {
    let numbers = |of: fn(&NewMessage) -> i64| sends.iter().map(|send| of(send)).collect::<Vec<_>>();
    let rows = sqlx::query(CONTEXT)
        .bind(numbers(|send| send.sender.0))
        .bind(numbers(|send| send.conversation.0))
        .bind(sends.iter().map(|send| send.client_id.0.as_bytes().as_slice()).collect::<Vec<_>>())
        .bind(sends.iter().map(|send| send.hash.as_slice()).collect::<Vec<_>>())
        .bind(sends.iter().map(|send| send.reply_to.map(|id| id.0)).collect::<Vec<_>>())
        .fetch_all(c)
        .await?;
    let mut lookups: Vec<Option<SendLookup>> = Vec::new();
    lookups.resize_with(sends.len(), || None);
    for row in &rows {
        let at = usize::try_from(get::<i64>(row, 0)?).unwrap_or(0);
        let Some(slot) = at.checked_sub(1).and_then(|at| lookups.get_mut(at)) else { continue };
        let key = get::<Option<i64>>(row, 4)?.zip(get::<Option<i64>>(row, 5)?);
        let same = flag(row, 3)?;
        *slot = Some(SendLookup {
            tail: Tail { counter: get(row, 1)?, run: SenderRun::of(get(row, 6)?, get(row, 7)?) },
            partner_suspended: flag(row, 8)?,
            sender: person(row, 9)?,
            reply_exists: flag(row, 2)?,
            has_archived: flag(row, 9 + PERSON_COLUMNS)?,
            has_draft: flag(row, 10 + PERSON_COLUMNS)?,
            is_closed: flag(row, 11 + PERSON_COLUMNS)?,
            has_resting: flag(row, 12 + PERSON_COLUMNS)?,
            is_other_request: flag(row, 13 + PERSON_COLUMNS)?,
            duplicate: key.map(|key| (same, key)),
        });
    }
    Ok((Ids, lookups))
}

/// Reads messages by their keys.
pub(super) async fn load_messages(c: &mut Connection, keys: &[MessageKey]) -> Result<Vec<Message>> {
    let (conversations, seqs): (Vec<i64>, Vec<i64>) = keys.iter().copied().unzip();
    let rows = sqlx::query(MESSAGES).bind(conversations).bind(seqs).fetch_all(c).await?;
    messages(&rows)
}

/// Inserts the messages, assigns their ids, and updates the counters.
pub(super) async fn insert(
    c: &mut Connection,
    _: Ids,
    new: &mut [New],
    tails: &HashMap<ConversationId, Tail>,
    now: Timestamp,
) -> Result<()> {
    let numbers = |of: fn(&Message) -> i64| new.iter().map(|new| of(&new.message)).collect::<Vec<_>>();
    let (ids, revs): (Vec<i64>, Vec<i64>) = tails.iter().map(|(id, tail)| (id.0, tail.counter)).unzip();
    let rows = sqlx::query(INSERT)
        .bind(numbers(|m| m.conversation_id.0))
        .bind(numbers(|m| m.seq))
        .bind(new.iter().map(|new| new.run_seq).collect::<Vec<_>>())
        .bind(numbers(|m| m.sender.id.0))
        .bind(new.iter().map(|new| new.message.client_id.0.as_bytes().as_slice()).collect::<Vec<_>>())
        .bind(new.iter().map(|new| new.hash.as_slice()).collect::<Vec<_>>())
        .bind(new.iter().map(|new| new.message.content.as_str()).collect::<Vec<_>>())
        .bind(new.iter().map(|new| new.message.reply_to.map(|id| id.0)).collect::<Vec<_>>())
        .bind(ids)
        .bind(revs)
        .bind(now.0)
        .fetch_all(c)
        .await?;
    if rows.len() < new.len() {
        return Err(StoreError::Collision("another server wrote a message of the same id".into()));
    }
    let mut given = HashMap::with_capacity(rows.len());
    for row in &rows {
        given.insert((get::<i64>(row, 1)?, get::<i64>(row, 2)?), get::<i64>(row, 0)?);
    }
    for New { message, .. } in new {
        let id = given.get(&(message.conversation_id.0, message.seq));
        message.id = MessageId(*id.ok_or_else(|| StoreError::missing("a message just written"))?);
    }
    Ok(())
}
