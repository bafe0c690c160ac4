//! System messages: each change of a group inserts one, under the `rev` of the change.

use super::dialect::{largest, next_message_id};
use super::{Connection, rest};
use crate::group_text;
use crate::store::error::{Result, StoreError};
use protocol::{ClientId, ConversationId, GroupEvent, Message, MessageId, MessageType, Person, Timestamp};

/// Inserts the message about a change, in the name of the person who made it. `rev` is the conversation's counter after the
/// change.
pub(super) async fn insert(
    c: &mut Connection,
    conversation: ConversationId,
    rev: i64,
    sender: Person,
    event: GroupEvent,
    now: Timestamp,
) -> Result<Message> {
    let client_id = ClientId::mint();
    let content = group_text::english(&event);
    let stored = serde_json::to_string(&event).map_err(|error| StoreError::Internal(error.to_string()))?;
    let id: Option<i64> = sqlx::query_scalar(concat!(
        "INSERT INTO message \
            (id, conversation_id, seq, rev, sender_id, client_id, hash, content, message_type, created_at, event) \
         SELECT ",
        next_message_id!(),
        ", $1, $2, $2, $3, $4, $7, $5, 1, $6, $8 RETURNING id"
    ))
    .bind(conversation.0)
    .bind(rev)
    .bind(sender.id.0)
    .bind(client_id.0.as_bytes().as_slice())
    .bind(&content)
    .bind(now.0)
    .bind(&[0_u8; 16][..])
    .bind(stored)
    .fetch_optional(&mut *c)
    .await?;
    let has_resting: i64 = sqlx::query_scalar(concat!(
        "UPDATE conversation SET active_at = ",
        largest!("active_at", "$2"),
        " WHERE id = $1 RETURNING has_resting"
    ))
    .bind(conversation.0)
    .bind(now.0)
    .fetch_one(&mut *c)
    .await?;
    if has_resting != 0 {
        rest::wake(c, std::iter::once(conversation)).await?;
    }
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
        event: Some(Box::new(event)),
    })
}
