//! Hides a message for one member, or shows it again.

use super::rows::{flag, may_see};
use super::{Connection, counters};
use crate::store::Outcome;
use crate::store::error::{Result, StoreError};
use protocol::{ConversationId, MessageId, UserId};

pub(super) const LOOK: &str = concat!(
    "SELECT coalesce(h.hidden, 0) FROM message m \
     LEFT JOIN hidden h ON h.user_id = $1 AND h.message_id = m.id \
     WHERE m.id = $3 AND m.conversation_id = $2 AND ",
    may_see!("m")
);

pub(super) const WRITE: &str = "INSERT INTO hidden (user_id, message_id, conversation_id, hidden, user_rev) \
     VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (user_id, message_id) DO UPDATE SET hidden = excluded.hidden, user_rev = excluded.user_rev";

/// See [`crate::store::Write::Hide`].
pub(super) async fn one(
    c: &mut Connection,
    user: UserId,
    conversation: ConversationId,
    message: MessageId,
    hidden: bool,
) -> Result<Outcome> {
    let row = sqlx::query(LOOK)
        .bind(user.0)
        .bind(conversation.0)
        .bind(message.0)
        .fetch_optional(&mut *c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    if flag(&row, 0)? == hidden {
        return Ok(Outcome::Hidden { user_rev: None });
    }
    let user_rev = counters::next_of_person(c, user).await?;
    sqlx::query(WRITE)
        .bind(user.0)
        .bind(message.0)
        .bind(conversation.0)
        .bind(i64::from(hidden))
        .bind(user_rev)
        .execute(c)
        .await?;
    Ok(Outcome::Hidden { user_rev: Some(user_rev) })
}
