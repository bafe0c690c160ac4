//! Sends: one look at the database, one insert, one update of the counters, however many they are.

use super::fault;
use super::rows::{from_json, get, hex, json, last_message_id, message_columns, messages, person_columns};
use crate::store::{NewMessage, Outcome, missing};
use crate::{Error, Result};
use protocol::{ConversationId, ErrorCode, Message, MessageId, MessageType, Person, Timestamp, UserId};
use sqlx::SqliteConnection;
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
     FROM json_each(?1) j \
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
    " FROM json_each(?1) j \
     CROSS JOIN message m ON m.conversation_id = j.value ->> 0 AND m.seq = j.value ->> 1 \
     JOIN account a ON a.id = m.sender_id"
);

pub(super) const WRITE: &str = "INSERT INTO message \
        (id, conversation_id, seq, rev, sender_id, client_id, hash, content, reply_to, created_at) \
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 2, value ->> 3, unhex(value ->> 4), unhex(value ->> 5), \
        value ->> 6, value ->> 7, ?2 \
     FROM json_each(?1); \
     UPDATE conversation SET rev = j.value ->> 1 FROM json_each(?3) j WHERE conversation.id = j.value ->> 0";

/// A place in a conversation.
type Place = (i64, i64);

/// A send in the answer to [`LOOK`]: its number in the batch, the counter, whether the message it replies to is there; of
/// an earlier message under its id the hash in hexadecimal (or nothing) and the place; the sender.
type Found = (usize, i64, i64, String, Option<i64>, Option<i64>, UserId, String, String, String, Option<u8>);

/// What the database knows about one send.
struct Known {
    counter: i64,
    sender: Person,
    reply_is_there: bool,
    /// The hash and the place of an earlier message under its id.
    earlier: Option<(String, Place)>,
}

/// What becomes of one send.
enum Fate {
    Refused(Error),
    /// There already, from an earlier batch, at this place.
    Earlier(Place),
    /// In this batch: the n-th new message, first or again.
    New {
        index: usize,
        repeated: bool,
    },
}

/// All of these, in order.
pub(super) async fn all(
    c: &mut SqliteConnection,
    sends: &[&NewMessage],
    now: Timestamp,
) -> Result<Vec<Result<Outcome>>> {
    let (last_id, mut known) = look(c, sends).await?;
    let mut counters: HashMap<ConversationId, i64> = HashMap::new();
    let mut here = HashMap::new();
    let mut new: Vec<Message> = Vec::new();
    let mut hashes: Vec<[u8; 16]> = Vec::new();
    let mut fates = Vec::with_capacity(sends.len());
    for (send, known) in sends.iter().zip(&mut known) {
        let Some(known) = known.take() else {
            fates.push(Fate::Refused(Error::not_found()));
            continue;
        };
        let name = (send.sender, send.client_id);
        let fate = if let Some((hash, place)) = known.earlier {
            same_or_conflict(hash.eq_ignore_ascii_case(&hex(&send.hash)), Fate::Earlier(place))
        } else if let Some(&index) = here.get(&name) {
            same_or_conflict(hashes.get(index) == Some(&send.hash), Fate::New { index, repeated: true })
        } else if send.reply_to.is_some() && !known.reply_is_there {
            Fate::Refused(Error::not_found())
        } else {
            let counter = counters.entry(send.conversation).or_insert(known.counter);
            *counter += 1;
            let index = new.len();
            new.push(Message {
                id: MessageId(last_id + i64::try_from(index).unwrap_or(0) + 1),
                conversation_id: send.conversation,
                seq: *counter,
                rev: *counter,
                client_id: send.client_id,
                sender: known.sender,
                content: send.content.clone(),
                message_type: MessageType::Text,
                timestamp: now,
                edited_at: None,
                deleted_at: None,
                reply_to: send.reply_to,
            });
            hashes.push(send.hash);
            here.insert(name, index);
            Fate::New { index, repeated: false }
        };
        fates.push(fate);
    }
    if !new.is_empty() {
        write(c, &new, &hashes, &counters, now).await?;
    }
    let earlier = earlier(c, &fates).await?;
    Ok(fates
        .into_iter()
        .map(|fate| {
            let (message, repeated) = match fate {
                Fate::Refused(error) => return Err(error),
                Fate::Earlier(place) => (earlier.get(&place), true),
                Fate::New { index, repeated } => (new.get(index), repeated),
            };
            let message = message.cloned().ok_or_else(|| missing("a message that was sent"))?;
            Ok(Outcome::Sent { message, repeated })
        })
        .collect())
}

fn same_or_conflict(same: bool, fate: Fate) -> Fate {
    if same { fate } else { Fate::Refused(ErrorCode::IdConflict.into()) }
}

/// The highest id so far, and for each send what is known; nothing where its sender is no member.
async fn look(c: &mut SqliteConnection, sends: &[&NewMessage]) -> Result<(i64, Vec<Option<Known>>)> {
    let asked: Vec<_> = sends
        .iter()
        .map(|send| (send.sender, send.conversation, hex(send.client_id.0.as_bytes()), send.reply_to))
        .collect();
    let row = sqlx::query(LOOK).bind(json(&asked)?).fetch_one(c).await.map_err(fault)?;
    let mut known: Vec<Option<Known>> = Vec::new();
    known.resize_with(sends.len(), || None);
    for found in from_json::<Vec<Found>>(get(&row, 1)?)? {
        let (at, counter, reply, hash, conversation, seq, id, username, first_name, last_name, hue) = found;
        let Some(slot) = known.get_mut(at) else { continue };
        *slot = Some(Known {
            counter,
            sender: Person { id, username, first_name, last_name, hue },
            reply_is_there: reply != 0,
            earlier: conversation.zip(seq).map(|place| (hash, place)),
        });
    }
    Ok((get(&row, 0)?, known))
}

/// Repeats are rare, so they are read only when there are some.
async fn earlier(c: &mut SqliteConnection, fates: &[Fate]) -> Result<HashMap<Place, Message>> {
    let places: Vec<Place> = fates
        .iter()
        .filter_map(|fate| if let Fate::Earlier(place) = fate { Some(*place) } else { None })
        .collect();
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(EARLIER).bind(json(&places)?).fetch_all(c).await.map_err(fault)?;
    let messages = messages(&rows)?;
    Ok(messages.into_iter().map(|message| ((message.conversation_id.0, message.seq), message)).collect())
}

/// The messages and the counters, in one go to SQLite's thread.
async fn write(
    c: &mut SqliteConnection,
    new: &[Message],
    hashes: &[[u8; 16]],
    counters: &HashMap<ConversationId, i64>,
    now: Timestamp,
) -> Result<()> {
    let rows: Vec<_> = new
        .iter()
        .zip(hashes)
        .map(|(m, hash)| {
            let client_id = hex(m.client_id.0.as_bytes());
            (m.id, m.conversation_id, m.seq, m.sender.id, client_id, hex(hash), &m.content, m.reply_to)
        })
        .collect();
    let counters: Vec<_> = counters.iter().collect();
    sqlx::query(WRITE)
        .bind(json(&rows)?)
        .bind(now.0)
        .bind(json(&counters)?)
        .execute(c)
        .await
        .map_err(fault)?;
    Ok(())
}
