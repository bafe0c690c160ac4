//! Deletes an account with its conversations.

use super::connections::transaction;
use super::dialect::numbers;
use super::{Connection, Sqlite};
use crate::store::error::{Result, StoreError};
use protocol::UserId;

/// Deletes everything of the account `$1` and its conversations `$2`, in the order of the references. The counters of the
/// other members grow, so that their clients load the list again.
const STEPS: [&str; 20] = [
    "UPDATE account SET user_rev = user_rev + 1 WHERE id <> $1 AND id IN (SELECT user_id FROM member \
        WHERE has_left = 0 AND conversation_id IN (SELECT value FROM json_each($2)))",
    "DELETE FROM hidden WHERE user_id = $1 OR conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM notification WHERE user_id = $1 OR conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM draft WHERE user_id = $1 OR conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM receipt WHERE conversation_id IN (SELECT value FROM json_each($2))",
    "UPDATE erased SET message_id = max(message_id, coalesce((SELECT max(id) FROM message), 0))",
    "DELETE FROM message WHERE conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM member WHERE conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM creation WHERE creator_id = $1 OR conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM imported_conversation WHERE conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM invitation WHERE user_id = $1 OR invited_by = $1 \
        OR conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM invitation_link WHERE created_by = $1 OR conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM incoming_webhook WHERE bot_id = $1 OR created_by = $1 \
        OR conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM webhook_event WHERE user_id = $1 OR conversation_id IN (SELECT value FROM json_each($2))",
    "DELETE FROM conversation WHERE id IN (SELECT value FROM json_each($2))",
    "DELETE FROM push_subscription WHERE user_id = $1",
    "DELETE FROM session WHERE user_id = $1",
    "DELETE FROM revocation WHERE user_id = $1",
    "DELETE FROM person_word WHERE user_id = $1",
    "DELETE FROM group_request WHERE user_id = $1",
];

pub(super) async fn account(store: &Sqlite, id: UserId) -> crate::Result<()> {
    transaction!(store, c => erase(c, id))
}

async fn erase(c: &mut Connection, id: UserId) -> Result<()> {
    let conversations: Vec<i64> = sqlx::query_scalar("SELECT conversation_id FROM member WHERE user_id = $1")
        .bind(id.0)
        .fetch_all(&mut *c)
        .await?;
    let conversations = numbers(conversations)?;
    for step in STEPS {
        sqlx::query(step).bind(id.0).bind(&conversations).execute(&mut *c).await?;
    }
    let gone = sqlx::query("DELETE FROM account WHERE id = $1").bind(id.0).execute(c).await?;
    if gone.rows_affected() == 0 { Err(StoreError::not_found()) } else { Ok(()) }
}
