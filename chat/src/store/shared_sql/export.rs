//! Exports people, conversations and messages, page by page from one snapshot.

use super::connections::long_snapshot;
use super::dialect::at_most;
use super::import::own_key;
use super::rows::{SUBJECT_COLUMNS, event, flag, get, group_history, kind, role, subject, subject_columns};
use super::{Backend, Connection, Database, Row};
use crate::store::error::{Result, StoreError};
use crate::store::{
    ExportReader, TransferConversation, TransferEvent, TransferMember, TransferMessage, TransferPerson,
    TransferRow, TransferSubject,
};
use async_trait::async_trait;
use protocol::{ClientId, ConversationId, GroupEvent, MessageType, Timestamp};
use sqlx::Transaction;

/// Number of people that are read at once.
const PEOPLE_PAGE: i64 = 500;
/// Number of messages that are read at once: with texts of the largest size some 4 MB.
const MESSAGES_PAGE: i64 = 200;

/// People after the id `$1`; with `$2`, those of this conversation.
pub(super) const PEOPLE: &str = concat!(
    "SELECT a.id, a.username, a.first_name, a.last_name, a.hue, a.suspended, a.created_at, a.bot, a.picture FROM account a \
     WHERE a.id > $1 AND a.kind <> 1 AND (CAST($2 AS BIGINT) IS NULL OR EXISTS \
        (SELECT 1 FROM member w WHERE w.conversation_id = $2 AND w.user_id = a.id)) ORDER BY a.id",
    at_most!("$3")
);

/// The first conversation after the id `$1`, or `$2` if that is one; none with temporary accounts.
pub(super) const CONVERSATION: &str = concat!(
    "SELECT c.id, c.kind, c.title, c.created_at, \
        (SELECT min(k.key) FROM imported_conversation k WHERE k.conversation_id = c.id), c.hue, c.emoji, c.history, ",
    subject_columns!("c"),
    ", c.subject_people FROM conversation c \
     WHERE c.id > $1 AND c.id >= coalesce($2, 0) AND c.id <= coalesce($2, c.id) AND NOT EXISTS \
        (SELECT 1 FROM member w JOIN account a ON a.id = w.user_id WHERE w.conversation_id = c.id AND a.kind = 1) \
     ORDER BY c.id",
    at_most!("$3")
);

/// The members of the conversation `$1`.
pub(super) const MEMBERS: &str = "SELECT a.username, o.role, o.has_left, o.listed, o.joined_seq, o.read_seq, o.delivered_seq, \
        o.from_seq, o.subject_role FROM member o JOIN account a ON a.id = o.user_id WHERE o.conversation_id = $1 ORDER BY o.user_id";

/// For each position of a member of the conversation `$1`, and for its end: the number of messages since the position before it.
pub(super) const STEPS: &str = "SELECT x.pos, (SELECT count(*) FROM message m \
        WHERE m.conversation_id = $1 AND m.seq > x.before AND m.seq <= x.pos) \
     FROM (SELECT t.pos, coalesce(lag(t.pos) OVER (ORDER BY t.pos), 0) AS before FROM \
        (SELECT read_seq AS pos FROM member WHERE conversation_id = $1 \
            UNION SELECT delivered_seq FROM member WHERE conversation_id = $1 \
            UNION SELECT joined_seq FROM member WHERE conversation_id = $1 \
            UNION SELECT from_seq FROM member WHERE conversation_id = $1 \
            UNION SELECT rev FROM conversation WHERE id = $1) t) x ORDER BY x.pos";

/// Messages of the conversation `$1` after the `seq` `$2`.
pub(super) const MESSAGES: &str = concat!(
    "SELECT m.seq, s.username, m.client_id, m.content, m.message_type, m.created_at, m.edited_at, m.deleted_at, \
        t.username, r.client_id, m.event FROM message m \
     JOIN account s ON s.id = m.sender_id \
     LEFT JOIN message r ON r.id = m.reply_to \
     LEFT JOIN account t ON t.id = r.sender_id \
     WHERE m.conversation_id = $1 AND m.seq > $2 ORDER BY m.seq",
    at_most!("$3")
);

/// The place of an export.
enum Place {
    People { after: i64 },
    Conversations { after: i64 },
    Messages { conversation: i64, key: String, after: i64 },
    End,
}

struct Reader {
    snapshot: Transaction<'static, Database>,
    /// The only conversation to export.
    only: Option<i64>,
    place: Place,
}

/// See [`crate::store::Transfer::export`].
pub(super) async fn begin(
    store: &Backend,
    only: Option<ConversationId>,
) -> crate::Result<Box<dyn ExportReader>> {
    let snapshot = long_snapshot(store).await?;
    Ok(Box::new(Reader { snapshot, only: only.map(|id| id.0), place: Place::People { after: 0 } }))
}

#[async_trait]
impl ExportReader for Reader {
    async fn next(&mut self) -> crate::Result<Vec<TransferRow>> {
        loop {
            let (rows, next) = match &self.place {
                Place::People { after } => people(&mut self.snapshot, *after, self.only).await?,
                Place::Conversations { after } => conversation(&mut self.snapshot, *after, self.only).await?,
                Place::Messages { conversation, key, after } => {
                    messages(&mut self.snapshot, *conversation, key, *after).await?
                }
                Place::End => return Ok(Vec::new()),
            };
            self.place = next;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
    }
}

async fn people(c: &mut Connection, after: i64, only: Option<i64>) -> Result<(Vec<TransferRow>, Place)> {
    let rows = sqlx::query(PEOPLE).bind(after).bind(only).bind(PEOPLE_PAGE).fetch_all(c).await?;
    let Some(last) = rows.last() else { return Ok((Vec::new(), Place::Conversations { after: 0 })) };
    let next = Place::People { after: get(last, 0)? };
    Ok((rows.iter().map(person).collect::<Result<_>>()?, next))
}

fn person(row: &Row) -> Result<TransferRow> {
    Ok(TransferRow::Person(TransferPerson {
        username: get(row, 1)?,
        first_name: get(row, 2)?,
        last_name: get(row, 3)?,
        hue: hue(row, 4)?,
        suspended: flag(row, 5)?,
        created_at: Some(Timestamp(get(row, 6)?)),
        bot: flag(row, 7)?,
        picture: get(row, 8)?,
    }))
}

fn hue(row: &Row, at: usize) -> Result<Option<u8>> {
    Ok(get::<Option<i64>>(row, at)?.and_then(|hue| u8::try_from(hue).ok()))
}

async fn conversation(
    c: &mut Connection,
    after: i64,
    only: Option<i64>,
) -> Result<(Vec<TransferRow>, Place)> {
    let row = sqlx::query(CONVERSATION).bind(after).bind(only).bind(1_i64).fetch_optional(&mut *c).await?;
    let Some(row) = row else { return Ok((Vec::new(), Place::End)) };
    let (id, created_at): (i64, i64) = (get(&row, 0)?, get(&row, 3)?);
    let key = get::<Option<String>>(&row, 4)?.unwrap_or_else(|| own_key(id, created_at));
    let has_one = get::<Option<&str>>(&row, 8 + SUBJECT_COLUMNS)? == Some("");
    let subject = subject(&row, 8)?.map(|subject| TransferSubject { subject, has_one });
    let conversation = TransferConversation {
        key: key.clone(),
        kind: kind(get(&row, 1)?),
        title: get(&row, 2)?,
        hue: hue(&row, 5)?,
        emoji: get(&row, 6)?,
        history: group_history(get(&row, 7)?),
        created_at: Some(Timestamp(created_at)),
        members: members(c, id).await?,
        subject,
    };
    Ok((vec![TransferRow::Conversation(conversation)], Place::Messages { conversation: id, key, after: 0 }))
}

async fn members(c: &mut Connection, id: i64) -> Result<Vec<TransferMember>> {
    let mut numbers = Vec::new();
    let mut number = 0;
    for row in &sqlx::query(STEPS).bind(id).fetch_all(&mut *c).await? {
        number += get::<i64>(row, 1)?;
        numbers.push((get::<i64>(row, 0)?, number));
    }
    let number_at = |seq: i64| {
        let at = numbers.binary_search_by_key(&seq, |(seq, _)| *seq);
        at.ok().and_then(|at| numbers.get(at)).map_or(0, |(_, number)| *number)
    };
    let unless_all = |seq: i64| Some(number_at(seq)).filter(|at| *at < number);
    let rows = sqlx::query(MEMBERS).bind(id).fetch_all(c).await?;
    rows.iter()
        .map(|row| {
            Ok(TransferMember {
                username: get(row, 0)?,
                role: role(get(row, 1)?),
                left: flag(row, 2)?,
                listed: flag(row, 3)?,
                joined: number_at(get(row, 4)?),
                unseen: number_at(get(row, 7)?),
                read: unless_all(get(row, 5)?),
                delivered: unless_all(get(row, 6)?),
                subject_role: get(row, 8)?,
            })
        })
        .collect()
}

async fn messages(
    c: &mut Connection,
    conversation: i64,
    key: &str,
    after: i64,
) -> Result<(Vec<TransferRow>, Place)> {
    let rows = sqlx::query(MESSAGES).bind(conversation).bind(after).bind(MESSAGES_PAGE).fetch_all(c).await?;
    let Some(last) = rows.last() else {
        return Ok((Vec::new(), Place::Conversations { after: conversation }));
    };
    let next = Place::Messages { conversation, key: key.to_owned(), after: get(last, 0)? };
    Ok((rows.iter().map(|row| message(row, key)).collect::<Result<_>>()?, next))
}

fn message(row: &Row, key: &str) -> Result<TransferRow> {
    let replied = get::<Option<String>>(row, 8)?.zip(get::<Option<Vec<u8>>>(row, 9)?);
    let reply_to = match replied {
        Some((sender, id)) => Some((sender, client_id(&id)?)),
        None => None,
    };
    let message_type = if get::<i64>(row, 4)? == 0 { MessageType::Text } else { MessageType::System };
    Ok(TransferRow::Message(TransferMessage {
        conversation: key.to_owned(),
        sender: get(row, 1)?,
        client_id: client_id(&get::<Vec<u8>>(row, 2)?)?,
        content: get(row, 3)?,
        message_type,
        timestamp: Timestamp(get(row, 5)?),
        edited_at: get::<Option<i64>>(row, 6)?.map(Timestamp),
        deleted_at: get::<Option<i64>>(row, 7)?.map(Timestamp),
        reply_to,
        event: event(get(row, 10)?)?.map(|event| usernames(*event)),
    }))
}

/// An event with usernames in place of people.
fn usernames(mut event: GroupEvent) -> TransferEvent {
    let members = std::mem::take(&mut event.members).into_iter().map(|person| person.username).collect();
    TransferEvent { event, members }
}

fn client_id(bytes: &[u8]) -> Result<ClientId> {
    uuid::Uuid::from_slice(bytes).map(ClientId).map_err(|error| StoreError::Internal(error.to_string()))
}
