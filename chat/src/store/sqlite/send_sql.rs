//! Queries of [`super::shared_sql::send`] for SQLite: one statement each for batches of usual size.

use super::Connection;
use super::dialect::{from_json, hex, json, last_message_id};
use super::lists::{MOST, Statement, rows, skip};
use super::shared_sql::rows::{
    get, has_draft, message_columns, messages, names_other_request, partner_is_suspended, person_columns,
};
use super::shared_sql::send::{MessageKey, New, SendLookup, SenderRun, Tail};
use crate::store::NewMessage;
use crate::store::error::{Result, StoreError};
use protocol::{ConversationId, Message, MessageId, Person, Timestamp, UserId};
use std::collections::HashMap;
use std::sync::LazyLock;

// Gives one row for all sends, since each row of a result wakes the waiting task. CROSS JOIN keeps the join order: each send
// is looked up, nothing is scanned.
pub(super) static CONTEXT: LazyLock<Statement> = LazyLock::new(|| {
    Statement::new(|size| {
        [
            "WITH given (n) AS (VALUES (?)) SELECT ",
            last_message_id!(),
            ", json_group_array(json_array(j.column1, c.rev, (r.id IS NOT NULL) + 2 * c.has_archived + 4 * ",
            partner_is_suspended!(),
            " + 8 * ",
            has_draft!(),
            " + 16 * (c.closed_reason IS NOT NULL) + 32 * c.has_resting + 64 * ",
            names_other_request!("j.column2", "j.column4"),
            ", hex(m.hash), m.conversation_id, m.seq, l.sender_id, \
                coalesce(l.run_seq, l.seq), json_array(",
            person_columns!("s"),
            "))) FROM ",
            &rows(size, 4),
            " CROSS JOIN member w ON w.conversation_id = j.column3 AND w.user_id = j.column2 AND w.has_left = 0 \
             JOIN conversation c ON c.id = w.conversation_id \
             JOIN account s ON s.id = w.user_id \
             LEFT JOIN message l ON l.conversation_id = c.id \
                AND l.seq = (SELECT max(n.seq) FROM message n WHERE n.conversation_id = c.id) \
             LEFT JOIN message m ON m.sender_id = w.user_id AND m.client_id = j.column4 \
             LEFT JOIN message r ON r.id = j.column5 AND r.conversation_id = w.conversation_id AND r.seq > w.from_seq \
                AND NOT EXISTS (SELECT 1 FROM hidden h \
                    WHERE h.user_id = w.user_id AND h.message_id = r.id AND h.hidden = 1)",
        ]
        .concat()
    })
});

/// Messages by their keys.
pub(super) const MESSAGES: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM jsonb_each($1) j \
     CROSS JOIN message m ON m.conversation_id = j.value ->> 0 AND m.seq = j.value ->> 1 \
     JOIN account a ON a.id = m.sender_id"
);

// One statement text, so that SQLite's thread is called once.
pub(super) static INSERT: LazyLock<Statement> = LazyLock::new(|| {
    Statement::new(|size| {
        [
            "WITH given (n, now) AS (VALUES (?, ?)) UPDATE conversation SET rev = j.column3, \
                active_at = max(active_at, (SELECT now FROM given)) FROM ",
            &rows(size, 2),
            " WHERE conversation.id = j.column2; \
             WITH given (n, now) AS (VALUES (?, ?)) INSERT INTO message \
                (id, conversation_id, seq, rev, run_seq, sender_id, client_id, hash, content, reply_to, created_at) \
             SELECT column2, column3, column4, column4, column5, column6, column7, column8, column9, column10, \
                (SELECT now FROM given) FROM ",
            &rows(size, 9),
        ]
        .concat()
    })
});

/// A send in the result of [`CONTEXT`]: its index in the batch; the counter; a sum of flags (1: the message that it replies to
/// exists, 2: a member may have archived the conversation, 4: the other person of a direct conversation is suspended, 8: the
/// sender has a draft, 16: the conversation is closed, 32: memberships may be at rest, 64: the id is another request's), since
/// a longer tuple cannot be read; the hash (hexadecimal, or empty) and key of a duplicate; the sender and run of the newest message;
/// the sender of the send.
type ContextRow = (usize, i64, i64, String, Option<i64>, Option<i64>, Option<i64>, Option<i64>, SenderRow);

/// The sender of a send in the result of [`CONTEXT`], by the columns of [`person_columns`].
type SenderRow = (UserId, String, String, String, Option<u8>, i64, i64, Option<String>, Option<String>);

/// The highest message id ever used; within this transaction the following ones are free.
pub(super) struct Ids(i64);

/// Reads the context of each send; `None` if the sender is not a member.
pub(super) async fn load_context(
    c: &mut Connection,
    sends: &[&NewMessage],
) -> Result<(Ids, Vec<Option<SendLookup>>)> {
    let mut lookups = Vec::with_capacity(sends.len());
    let mut last = 0;
    for chunk in sends.chunks(MOST) {
        last = load_chunk(c, chunk, &mut lookups).await?;
    }
    Ok((Ids(last), lookups))
}

/// Reads the context of as many sends as one statement takes; gives the highest message id.
async fn load_chunk(
    c: &mut Connection,
    sends: &[&NewMessage],
    lookups: &mut Vec<Option<SendLookup>>,
) -> Result<i64> {
    let (text, _) = CONTEXT.of(sends.len());
    let mut query = sqlx::query(text).bind(count(sends)?);
    for send in sends {
        query = query
            .bind(send.sender.0)
            .bind(send.conversation.0)
            .bind(send.client_id.0.as_bytes().as_slice())
            .bind(send.reply_to.map(|id| id.0));
    }
    let row = query.fetch_one(c).await?;
    let begin = lookups.len();
    lookups.resize_with(begin + sends.len(), || None);
    for found in from_json::<Vec<ContextRow>>(get(&row, 1)?)? {
        let (at, counter, flags, hash, conversation, seq, by, run, sender) = found;
        let (id, username, first_name, last_name, hue, suspended, bot, name_key, picture) = sender;
        let (Some(slot), Some(send)) = (lookups.get_mut(begin + at), sends.get(at)) else { continue };
        *slot = Some(SendLookup {
            tail: Tail { counter, run: SenderRun::of(by, run) },
            sender: Person {
                id,
                username,
                first_name,
                last_name,
                hue,
                suspended: suspended != 0,
                bot: bot != 0,
                name_key,
                picture,
            },
            partner_suspended: flags & 4 != 0,
            reply_exists: flags & 1 != 0,
            has_archived: flags & 2 != 0,
            has_draft: flags & 8 != 0,
            is_closed: flags & 16 != 0,
            has_resting: flags & 32 != 0,
            is_other_request: flags & 64 != 0,
            duplicate: conversation.zip(seq).map(|key| (is_same(&hash, send), key)),
        });
    }
    get(&row, 0)
}

fn is_same(hash: &str, send: &NewMessage) -> bool {
    hash.eq_ignore_ascii_case(&hex(&send.hash))
}

fn count<T>(rows: &[T]) -> Result<i64> {
    i64::try_from(rows.len()).map_err(|error| StoreError::Internal(error.to_string()))
}

/// Reads messages by their keys.
pub(super) async fn load_messages(c: &mut Connection, keys: &[MessageKey]) -> Result<Vec<Message>> {
    let rows = sqlx::query(MESSAGES).bind(json(keys)?).fetch_all(c).await?;
    messages(&rows)
}

/// Inserts the messages, assigns their ids, and updates the counters.
pub(super) async fn insert(
    c: &mut Connection,
    Ids(last): Ids,
    new: &mut [New],
    tails: &HashMap<ConversationId, Tail>,
    now: Timestamp,
) -> Result<()> {
    for (id, one) in (last + 1..).zip(new.iter_mut()) {
        one.message.id = MessageId(id);
    }
    let tails: Vec<_> = tails.iter().collect();
    // There are no more conversations than messages, so the chunks of messages cover all chunks of conversations.
    let mut tails = tails.chunks(MOST);
    for chunk in new.chunks(MOST) {
        let tails = tails.next().unwrap_or_default();
        let (text, size) = INSERT.of(chunk.len());
        let mut query = sqlx::query(text).bind(count(tails)?).bind(now.0);
        for (conversation, tail) in tails {
            query = query.bind(conversation.0).bind(tail.counter);
        }
        query = skip(query, 2 * (size - tails.len())).bind(count(chunk)?).bind(now.0);
        for New { message: m, hash, run_seq, .. } in chunk {
            query = query
                .bind(m.id.0)
                .bind(m.conversation_id.0)
                .bind(m.seq)
                .bind(*run_seq)
                .bind(m.sender.id.0)
                .bind(m.client_id.0.as_bytes().as_slice())
                .bind(hash.as_slice())
                .bind(m.content.as_str())
                .bind(m.reply_to.map(|id| id.0));
        }
        query.execute(&mut *c).await?;
    }
    Ok(())
}
