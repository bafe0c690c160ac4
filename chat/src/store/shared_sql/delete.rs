//! Deletes a message for everyone: the content is cleared, and the row stays as a tombstone.

use super::rows::{MESSAGE_COLUMNS, flag, get, message, message_columns, role};
use super::{Connection, counters};
use crate::policy;
use crate::store::Outcome;
use crate::store::error::{Result, StoreError};
use protocol::{ConversationId, MessageId, Timestamp, UserId};

pub(super) const LOOK: &str = concat!(
    "SELECT ",
    message_columns!(),
    ", w.role, c.closed_reason IS NOT NULL FROM member w \
     JOIN conversation c ON c.id = w.conversation_id \
     JOIN message m ON m.id = $3 AND m.conversation_id = w.conversation_id \
     JOIN account a ON a.id = m.sender_id \
     WHERE w.conversation_id = $2 AND w.user_id = $1 AND w.has_left = 0 AND w.from_seq < m.seq"
);

/// See [`crate::store::Write::Delete`].
pub(super) async fn one(
    c: &mut Connection,
    user: UserId,
    conversation: ConversationId,
    id: MessageId,
    now: Timestamp,
) -> Result<Outcome> {
    let row = sqlx::query(LOOK)
        .bind(user.0)
        .bind(conversation.0)
        .bind(id.0)
        .fetch_optional(&mut *c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    let mut message = message(&row, 0)?;
    policy::is_open(flag(&row, MESSAGE_COLUMNS + 1)?)?;
    policy::may_delete_for_everyone(role(get(&row, MESSAGE_COLUMNS)?), user, &message, now)?;
    if message.deleted_at.is_some() {
        return Ok(Outcome::Deleted { message: None });
    }
    message.rev = counters::next_of_conversation(c, conversation).await?;
    message.content.clear();
    message.deleted_at = Some(now);
    sqlx::query("UPDATE message SET content = '', deleted_at = $2, rev = $3 WHERE id = $1")
        .bind(id.0)
        .bind(now.0)
        .bind(message.rev)
        .execute(c)
        .await?;
    Ok(Outcome::Deleted { message: Some(message) })
}
