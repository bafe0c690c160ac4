//! Removes a member, or lets a member leave.

use super::dialect::{largest, next_message_id};
use super::rows::{PERSON_COLUMNS, get, kind, member, member_columns, person, person_columns, role};
use super::{Connection, counters};
use crate::policy;
use crate::store::Outcome;
use crate::store::error::{Result, StoreError};
use protocol::{ClientId, ConversationId, Message, MessageId, MessageType, Person, Timestamp, UserId};

pub(super) const LOOK: &str = concat!(
    "SELECT c.kind, w.role, ",
    person_columns!("b"),
    ", ",
    member_columns!(),
    " FROM member w \
     JOIN account b ON b.id = w.user_id \
     JOIN conversation c ON c.id = w.conversation_id \
     JOIN member o ON o.conversation_id = w.conversation_id AND o.user_id = $3 AND o.has_left = 0 \
     JOIN account a ON a.id = o.user_id \
     WHERE w.conversation_id = $2 AND w.user_id = $1 AND w.has_left = 0"
);

/// See [`crate::store::Write::Remove`].
pub(super) async fn one(
    c: &mut Connection,
    by: UserId,
    conversation: ConversationId,
    user: UserId,
    now: Timestamp,
) -> Result<Outcome> {
    let row = sqlx::query(LOOK)
        .bind(by.0)
        .bind(conversation.0)
        .bind(user.0)
        .fetch_optional(&mut *c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    let mut removed = member(&row, 2 + PERSON_COLUMNS)?;
    policy::may_remove(kind(get(&row, 0)?), by, role(get(&row, 1)?), &removed)?;
    let rev = counters::next_of_conversation(c, conversation).await?;
    removed.rev = rev;
    removed.left = true;
    sqlx::query("UPDATE member SET has_left = 1, rev = $3 WHERE conversation_id = $1 AND user_id = $2")
        .bind(conversation.0)
        .bind(user.0)
        .bind(rev)
        .execute(&mut *c)
        .await?;
    let content =
        if by == user { "left".to_owned() } else { format!("removed {}", removed.user.display_name()) };
    let message = say(c, conversation, rev, person(&row, 2)?, content, now).await?;
    let user_rev = counters::next_of_person(c, user).await?;
    Ok(Outcome::Removed { message, member: removed, user_rev })
}

/// Inserts the system message about it, in the name of the acting member.
async fn say(
    c: &mut Connection,
    conversation: ConversationId,
    rev: i64,
    sender: Person,
    content: String,
    now: Timestamp,
) -> Result<Message> {
    let client_id = ClientId::mint();
    let id: Option<i64> = sqlx::query_scalar(concat!(
        "INSERT INTO message \
            (id, conversation_id, seq, rev, sender_id, client_id, hash, content, message_type, created_at) \
         SELECT ",
        next_message_id!(),
        ", $1, $2, $2, $3, $4, $7, $5, 1, $6 RETURNING id"
    ))
    .bind(conversation.0)
    .bind(rev)
    .bind(sender.id.0)
    .bind(client_id.0.as_bytes().as_slice())
    .bind(&content)
    .bind(now.0)
    .bind(&[0_u8; 16][..])
    .fetch_optional(&mut *c)
    .await?;
    sqlx::query(concat!(
        "UPDATE conversation SET active_at = ",
        largest!("active_at", "$2"),
        " WHERE id = $1"
    ))
    .bind(conversation.0)
    .bind(now.0)
    .execute(c)
    .await?;
    Ok(Message {
        id: MessageId(id.ok_or_else(|| StoreError::missing("a system message"))?),
        conversation_id: conversation,
        seq: rev,
        rev,
        client_id,
        sender,
        content,
        message_type: MessageType::System,
        timestamp: now,
        edited_at: None,
        deleted_at: None,
        reply_to: None,
    })
}
