//! The contents of an event, read at the time of delivery: a text that was deleted meanwhile is not told.

use super::super::rows::subject_columns;
use super::super::{Connection, external};
use super::{get, join, kind, member_columns, message, message_columns, person, person_columns, rows};
use crate::store::error::Result;
use crate::store::{UnreadRecipient, WebhookDelivery, WebhookEventKind, WebhookFacts};
use protocol::limits::SMALL_CONVERSATION;
use protocol::{ConversationId, Member, Message, Person, Timestamp, UserId};
use std::collections::BTreeMap;

const MESSAGE: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM message m JOIN account a ON a.id = m.sender_id WHERE m.conversation_id = $1 AND m.seq = $2"
);

const PERSON: &str = concat!("SELECT ", person_columns!("a"), " FROM account a WHERE a.id = $1");

pub(in super::super) const MEMBERS: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM member o JOIN account a ON a.id = o.user_id WHERE o.conversation_id = $1 AND o.has_left = 0 \
     ORDER BY o.user_id LIMIT 32"
);

/// The members of the conversation `$1` who have not read the message `$2` of another one: without those who muted the
/// conversation at the time `$3` or want to be told of nothing, or of mentions alone and are not mentioned.
pub(in super::super) const RECIPIENTS: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    ", (SELECT count(*) FROM (SELECT n.id FROM message n WHERE n.conversation_id = w.conversation_id \
            AND n.seq > w.read_seq AND n.sender_id <> w.user_id AND n.message_type = 0 AND n.deleted_at IS NULL LIMIT 100) t), w.subject_role \
     FROM member w ",
    join!(),
    " account a ON a.id = w.user_id AND a.suspended = 0 ",
    join!(),
    " message m ON m.conversation_id = w.conversation_id AND m.seq = $2 AND m.sender_id <> w.user_id \
     WHERE w.conversation_id = $1 AND w.has_left = 0 AND w.read_seq < $2 AND w.from_seq < $2 \
        AND (w.muted_until IS NULL OR w.muted_until <= $3) \
        AND (w.notify < 2 OR w.notify = 2 AND EXISTS (SELECT 1 FROM notification n \
            WHERE n.user_id = w.user_id AND n.conversation_id = w.conversation_id AND n.seq = $2 AND n.kind = 1)) \
     ORDER BY w.user_id LIMIT 33"
);

/// The conversation `$1`.
const CONVERSATION: &str = concat!(
    "SELECT c.kind, c.title, c.created_at, ",
    subject_columns!("c"),
    " FROM conversation c WHERE c.id = $1"
);

/// See [`crate::store::WebhookStore::webhook_facts`].
pub(in super::super) async fn facts(
    c: &mut Connection,
    event: &WebhookDelivery,
    now: Timestamp,
) -> Result<Option<WebhookFacts>> {
    let row = sqlx::query(CONVERSATION).bind(event.conversation.0).fetch_optional(&mut *c).await?;
    let Some(row) = row else { return Ok(None) };
    let mut facts = WebhookFacts {
        conversation_kind: kind(get(&row, 0)?),
        title: get(&row, 1)?,
        conversation_created_at: Timestamp(get(&row, 2)?),
        subject: rows::subject(&row, 3)?,
        message: None,
        user: None,
        members: Vec::new(),
        recipients: Vec::new(),
        identities: BTreeMap::new(),
    };
    if let Some(seq) = event.seq {
        facts.message = message_of(c, event.conversation, seq).await?;
        if facts.message.is_none() {
            return Ok(None);
        }
    }
    if let Some(user) = event.user {
        facts.user = person_of(c, user).await?;
        if facts.user.is_none() {
            return Ok(None);
        }
    }
    match (event.kind, event.seq) {
        (WebhookEventKind::ConversationCreated, _) => {
            facts.members = members(c, event.conversation).await?;
        }
        (WebhookEventKind::MessageUnread, Some(seq)) => {
            facts.recipients = recipients(c, event.conversation, seq, now).await?;
        }
        _ => {}
    }
    let members = facts.members.iter().map(|member| member.user.id);
    let recipients = facts.recipients.iter().map(|one| one.person.id);
    let sender = facts.message.iter().map(|message| message.sender.id);
    let user = facts.user.iter().map(|user| user.id);
    let people = members.chain(recipients).chain(sender).chain(user);
    facts.identities = external::identities(c, people).await?;
    Ok(Some(facts))
}

async fn message_of(c: &mut Connection, conversation: ConversationId, seq: i64) -> Result<Option<Message>> {
    let row = sqlx::query(MESSAGE).bind(conversation.0).bind(seq).fetch_optional(c).await?;
    row.map(|row| message(&row, 0)).transpose()
}

async fn person_of(c: &mut Connection, user: UserId) -> Result<Option<Person>> {
    let row = sqlx::query(PERSON).bind(user.0).fetch_optional(c).await?;
    row.map(|row| person(&row, 0)).transpose()
}

async fn members(c: &mut Connection, conversation: ConversationId) -> Result<Vec<Member>> {
    rows::members(&sqlx::query(MEMBERS).bind(conversation.0).fetch_all(c).await?)
}

async fn recipients(
    c: &mut Connection,
    conversation: ConversationId,
    seq: i64,
    now: Timestamp,
) -> Result<Vec<UnreadRecipient>> {
    let small = i64::try_from(SMALL_CONVERSATION).unwrap_or(i64::MAX);
    let members: i64 =
        sqlx::query_scalar("SELECT count(*) FROM member o WHERE o.conversation_id = $1 AND o.has_left = 0")
            .bind(conversation.0)
            .fetch_one(&mut *c)
            .await?;
    if members > small {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(RECIPIENTS).bind(conversation.0).bind(seq).bind(now.0).fetch_all(c).await?;
    let recipient = |row| {
        Ok(UnreadRecipient {
            person: person(row, 0)?,
            unread: get(row, rows::PERSON_COLUMNS)?,
            subject_role: get(row, rows::PERSON_COLUMNS + 1)?,
        })
    };
    rows.iter().map(recipient).collect()
}
