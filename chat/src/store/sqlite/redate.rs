//! Sets the times of messages of a generated history.

use super::connections::transaction;
use super::dialect::json;
use super::{Connection, Sqlite};
use crate::store::error::Result;
use protocol::{MessageId, Timestamp};

/// See [`super::Sqlite::redate`].
pub(super) async fn all(store: &Sqlite, moments: &[(MessageId, Timestamp)]) -> crate::Result<()> {
    transaction!(store, c => redate(c, moments))
}

async fn redate(c: &mut Connection, moments: &[(MessageId, Timestamp)]) -> Result<()> {
    let moments: Vec<_> = moments.iter().map(|(id, at)| (id, at.0)).collect();
    sqlx::query(
        "UPDATE message SET created_at = j.value ->> 1 FROM json_each($1) j WHERE message.id = j.value ->> 0",
    )
    .bind(json(&moments)?)
    .execute(&mut *c)
    .await?;
    sqlx::query(
        "UPDATE conversation SET active_at = max(created_at, (SELECT m.created_at FROM message m \
            WHERE m.conversation_id = conversation.id ORDER BY m.seq DESC LIMIT 1)) \
         WHERE id IN (SELECT m.conversation_id FROM json_each($1) j JOIN message m ON m.id = j.value ->> 0)",
    )
    .bind(json(&moments)?)
    .execute(&mut *c)
    .await?;
    sqlx::query(
        "UPDATE member SET rested_at = NULL, may_be_unread = 1 WHERE rested_at IS NOT NULL AND conversation_id IN \
            (SELECT m.conversation_id FROM json_each($1) j JOIN message m ON m.id = j.value ->> 0)",
    )
    .bind(json(&moments)?)
    .execute(c)
    .await?;
    Ok(())
}
