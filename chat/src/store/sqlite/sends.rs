//! What sends ask of SQLite, and write: one statement each, however many they are. `jsonb_each` gives rows whose fields are
//! found without reading text again for each of them.

use super::dialect::{from_json, hex, json, last_message_id};
use super::rows::{get, message_columns, messages, person_columns};
use super::send::{Known, New, Place};
use super::{Connection, fault};
use crate::Result;
use crate::store::NewMessage;
use protocol::{ConversationId, Message, MessageId, Person, Timestamp, UserId};
use std::collections::HashMap;

// One row for all: each row of an answer wakes the task that waits for it. CROSS JOIN keeps the order: each send is
// looked up, nothing is scanned.
pub(super) const LOOK: &str = concat!(
    "SELECT ",
    last_message_id!(),
    ", json_group_array(json_array(j.key, c.rev, r.id IS NOT NULL, hex(m.hash), m.conversation_id, m.seq, \
        ",
    person_columns!("s"),
    ")) \
     FROM jsonb_each($1) j \
     CROSS JOIN member w ON w.conversation_id = j.value ->> 1 AND w.user_id = j.value ->> 0 AND w.has_left = 0 \
     JOIN conversation c ON c.id = w.conversation_id \
     JOIN account s ON s.id = w.user_id \
     LEFT JOIN message m ON m.sender_id = w.user_id AND m.client_id = unhex(j.value ->> 2) \
     LEFT JOIN message r ON r.id = j.value ->> 3 AND r.conversation_id = w.conversation_id \
        AND NOT EXISTS (SELECT 1 FROM hidden h \
            WHERE h.user_id = w.user_id AND h.message_id = r.id AND h.hidden = 1)"
);

/// Those that were there before, by their places.
pub(super) const EARLIER: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM jsonb_each($1) j \
     CROSS JOIN message m ON m.conversation_id = j.value ->> 0 AND m.seq = j.value ->> 1 \
     JOIN account a ON a.id = m.sender_id"
);

pub(super) const WRITE: &str = "INSERT INTO message \
        (id, conversation_id, seq, rev, sender_id, client_id, hash, content, reply_to, created_at) \
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 2, value ->> 3, unhex(value ->> 4), unhex(value ->> 5), \
        value ->> 6, value ->> 7, $2 \
     FROM jsonb_each($1) j; \
     UPDATE conversation SET rev = j.value ->> 1 FROM jsonb_each($3) j WHERE conversation.id = j.value ->> 0";

/// A send in the answer to [`LOOK`]: its number in the batch, the counter, whether the message it replies to is there; of
/// an earlier message under its id the hash in hexadecimal (or nothing) and the place; the sender.
type Found = (usize, i64, i64, String, Option<i64>, Option<i64>, UserId, String, String, String, Option<u8>);

/// The highest id that a message has or had: within this transaction the next ones are free.
pub(super) struct Ids(i64);

/// For each send what is known; nothing where its sender is no member.
pub(super) async fn look(c: &mut Connection, sends: &[&NewMessage]) -> Result<(Ids, Vec<Option<Known>>)> {
    let asked: Vec<_> = sends
        .iter()
        .map(|send| (send.sender, send.conversation, hex(send.client_id.0.as_bytes()), send.reply_to))
        .collect();
    let row = sqlx::query(LOOK).bind(json(&asked)?).fetch_one(c).await.map_err(fault)?;
    let mut known: Vec<Option<Known>> = Vec::new();
    known.resize_with(sends.len(), || None);
    for found in from_json::<Vec<Found>>(get(&row, 1)?)? {
        let (at, counter, reply, hash, conversation, seq, id, username, first_name, last_name, hue) = found;
        let (Some(slot), Some(send)) = (known.get_mut(at), sends.get(at)) else { continue };
        let same = hash.eq_ignore_ascii_case(&hex(&send.hash));
        *slot = Some(Known {
            counter,
            sender: Person { id, username, first_name, last_name, hue },
            reply_is_there: reply != 0,
            earlier: conversation.zip(seq).map(|place| (same, place)),
        });
    }
    Ok((Ids(get(&row, 0)?), known))
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
    counters: &HashMap<ConversationId, i64>,
    now: Timestamp,
) -> Result<()> {
    for (id, one) in (last + 1..).zip(new.iter_mut()) {
        one.message.id = MessageId(id);
    }
    let rows: Vec<_> = new
        .iter()
        .map(|New { message: m, hash }| {
            let client_id = hex(m.client_id.0.as_bytes());
            (m.id, m.conversation_id, m.seq, m.sender.id, client_id, hex(hash), &m.content, m.reply_to)
        })
        .collect();
    let counters: Vec<_> = counters.iter().collect();
    // In one go to SQLite's thread.
    sqlx::query(WRITE)
        .bind(json(&rows)?)
        .bind(now.0)
        .bind(json(&counters)?)
        .execute(c)
        .await
        .map_err(fault)?;
    Ok(())
}
