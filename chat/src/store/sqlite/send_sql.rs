//! What sends ask of SQLite, and write: one statement each for as many as there usually are.

use super::dialect::{from_json, hex, json, last_message_id};
use super::lists::{MOST, Statement, rows, skip};
use super::rows::{get, message_columns, messages, person_columns};
use super::send::{End, Known, New, Place, Run};
use super::{Connection, fault};
use crate::store::NewMessage;
use crate::{Error, Result};
use protocol::{ConversationId, Message, MessageId, Person, Timestamp, UserId};
use std::collections::HashMap;
use std::sync::LazyLock;

// One row for all: each row of an answer wakes the task that waits for it. CROSS JOIN keeps the order: each send is
// looked up, nothing is scanned.
pub(super) static LOOK: LazyLock<Statement> = LazyLock::new(|| {
    Statement::new(|size| {
        [
            "WITH given (n) AS (VALUES (?)) SELECT ",
            last_message_id!(),
            ", json_group_array(json_array(j.column1, c.rev, r.id IS NOT NULL, hex(m.hash), m.conversation_id, m.seq, \
                l.sender_id, coalesce(l.run_seq, l.seq), ",
            person_columns!("s"),
            ")) FROM ",
            &rows(size, 4),
            " CROSS JOIN member w ON w.conversation_id = j.column3 AND w.user_id = j.column2 AND w.has_left = 0 \
             JOIN conversation c ON c.id = w.conversation_id \
             JOIN account s ON s.id = w.user_id \
             LEFT JOIN message l ON l.conversation_id = c.id \
                AND l.seq = (SELECT max(n.seq) FROM message n WHERE n.conversation_id = c.id) \
             LEFT JOIN message m ON m.sender_id = w.user_id AND m.client_id = j.column4 \
             LEFT JOIN message r ON r.id = j.column5 AND r.conversation_id = w.conversation_id \
                AND NOT EXISTS (SELECT 1 FROM hidden h \
                    WHERE h.user_id = w.user_id AND h.message_id = r.id AND h.hidden = 1)",
        ]
        .concat()
    })
});

/// Those that were there before, by their places.
pub(super) const EARLIER: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM jsonb_each($1) j \
     CROSS JOIN message m ON m.conversation_id = j.value ->> 0 AND m.seq = j.value ->> 1 \
     JOIN account a ON a.id = m.sender_id"
);

// In one go to SQLite's thread.
pub(super) static WRITE: LazyLock<Statement> = LazyLock::new(|| {
    Statement::new(|size| {
        [
            "WITH given (n) AS (VALUES (?)) UPDATE conversation SET rev = j.column3 FROM ",
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

/// A send in the answer to [`LOOK`]: its number in the batch, the counter, whether the message it replies to is there; of
/// an earlier message under its id the hash in hexadecimal (or nothing) and the place; who sent the newest message, and
/// its run; the sender.
type Found = (
    usize,
    i64,
    i64,
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    UserId,
    String,
    String,
    String,
    Option<u8>,
);

/// The highest id that a message has or had: within this transaction the next ones are free.
pub(super) struct Ids(i64);

/// For each send what is known; nothing where its sender is no member.
pub(super) async fn look(c: &mut Connection, sends: &[&NewMessage]) -> Result<(Ids, Vec<Option<Known>>)> {
    let mut known = Vec::with_capacity(sends.len());
    let mut last = 0;
    for some in sends.chunks(MOST) {
        last = look_at(c, some, &mut known).await?;
    }
    Ok((Ids(last), known))
}

/// Adds what is known of so many as one statement takes; gives the highest id.
async fn look_at(c: &mut Connection, sends: &[&NewMessage], known: &mut Vec<Option<Known>>) -> Result<i64> {
    let (text, _) = LOOK.of(sends.len());
    let mut query = sqlx::query(text).bind(count(sends)?);
    for send in sends {
        query = query
            .bind(send.sender.0)
            .bind(send.conversation.0)
            .bind(send.client_id.0.as_bytes().as_slice())
            .bind(send.reply_to.map(|id| id.0));
    }
    let row = query.fetch_one(c).await.map_err(fault)?;
    let begin = known.len();
    known.resize_with(begin + sends.len(), || None);
    for found in from_json::<Vec<Found>>(get(&row, 1)?)? {
        let (at, counter, reply, hash, conversation, seq, by, run, id, username, first_name, last_name, hue) =
            found;
        let (Some(slot), Some(send)) = (known.get_mut(begin + at), sends.get(at)) else { continue };
        *slot = Some(Known {
            end: End { counter, run: Run::of(by, run) },
            sender: Person { id, username, first_name, last_name, hue },
            reply_is_there: reply != 0,
            earlier: conversation.zip(seq).map(|place| (is_same(&hash, send), place)),
        });
    }
    get(&row, 0)
}

fn is_same(hash: &str, send: &NewMessage) -> bool {
    hash.eq_ignore_ascii_case(&hex(&send.hash))
}

fn count<T>(rows: &[T]) -> Result<i64> {
    i64::try_from(rows.len()).map_err(|error| Error::Internal(error.to_string()))
}

/// Messages at these places.
pub(super) async fn earlier(c: &mut Connection, places: &[Place]) -> Result<Vec<Message>> {
    let rows = sqlx::query(EARLIER).bind(json(places)?).fetch_all(c).await.map_err(fault)?;
    messages(&rows)
}

/// The messages, which get their ids, and the counters.
pub(super) async fn write(
    c: &mut Connection,
    Ids(last): Ids,
    new: &mut [New],
    ends: &HashMap<ConversationId, End>,
    now: Timestamp,
) -> Result<()> {
    for (id, one) in (last + 1..).zip(new.iter_mut()) {
        one.message.id = MessageId(id);
    }
    let ends: Vec<_> = ends.iter().collect();
    // No more conversations than messages, so that each goes along with one.
    let mut ends = ends.chunks(MOST);
    for some in new.chunks(MOST) {
        let ends = ends.next().unwrap_or_default();
        let (text, size) = WRITE.of(some.len());
        let mut query = sqlx::query(text).bind(count(ends)?);
        for (conversation, end) in ends {
            query = query.bind(conversation.0).bind(end.counter);
        }
        query = skip(query, 2 * (size - ends.len())).bind(count(some)?).bind(now.0);
        for New { message: m, hash, run_seq } in some {
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
        query.execute(&mut *c).await.map_err(fault)?;
    }
    Ok(())
}
