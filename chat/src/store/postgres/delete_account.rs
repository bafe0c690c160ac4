//! Deletes an account with its conversations.

use super::connections::transaction;
use super::{Connection, Postgres, locks};
use crate::store::error::{Result, StoreError};
use protocol::UserId;

const CONVERSATIONS: &str = "SELECT conversation_id FROM member WHERE user_id = $1 ORDER BY conversation_id";

// The account, and the members of its conversations.
const PEOPLE: &str = "SELECT user_id FROM member WHERE conversation_id = ANY($2) UNION SELECT $1 ORDER BY 1";

/// Deletes everything of the account `$1` and its conversations `$2`, in the order of the references. The counters of the
/// other members grow, so that their clients load the list again.
const STEPS: [&str; 19] = [
    "UPDATE account SET user_rev = user_rev + 1 WHERE id <> $1 AND id IN (SELECT user_id FROM member \
        WHERE has_left = 0 AND conversation_id = ANY($2))",
    "DELETE FROM hidden WHERE user_id = $1 OR conversation_id = ANY($2)",
    "DELETE FROM notification WHERE user_id = $1 OR conversation_id = ANY($2)",
    "DELETE FROM draft WHERE user_id = $1 OR conversation_id = ANY($2)",
    "DELETE FROM receipt WHERE conversation_id = ANY($2) AND $1 > 0",
    "DELETE FROM message WHERE conversation_id = ANY($2) AND $1 > 0",
    "DELETE FROM member WHERE conversation_id = ANY($2) AND $1 > 0",
    "DELETE FROM creation WHERE creator_id = $1 OR conversation_id = ANY($2)",
    "DELETE FROM imported_conversation WHERE conversation_id = ANY($2) AND $1 > 0",
    "DELETE FROM invitation WHERE user_id = $1 OR invited_by = $1 OR conversation_id = ANY($2)",
    "DELETE FROM invitation_link WHERE created_by = $1 OR conversation_id = ANY($2)",
    "DELETE FROM incoming_webhook WHERE bot_id = $1 OR created_by = $1 OR conversation_id = ANY($2)",
    "DELETE FROM webhook_event WHERE user_id = $1 OR conversation_id = ANY($2)",
    "DELETE FROM conversation WHERE id = ANY($2) AND $1 > 0",
    "DELETE FROM push_subscription WHERE user_id = $1 AND $2 IS NOT NULL",
    "DELETE FROM session WHERE user_id = $1 AND $2 IS NOT NULL",
    "DELETE FROM revocation WHERE user_id = $1 AND $2 IS NOT NULL",
    "DELETE FROM person_word WHERE user_id = $1 AND $2 IS NOT NULL",
    "DELETE FROM group_request WHERE user_id = $1 AND $2 IS NOT NULL",
];

pub(super) async fn account(store: &Postgres, id: UserId) -> crate::Result<()> {
    transaction!(store, c => erase(c, id))
}

async fn erase(c: &mut Connection, id: UserId) -> Result<()> {
    let conversations = conversations(c, id).await?;
    locks::conversations_in_order(c, &conversations).await?;
    let people: Vec<i64> =
        sqlx::query_scalar(PEOPLE).bind(id.0).bind(&conversations).fetch_all(&mut *c).await?;
    locks::people_in_order(c, &people).await?;
    if self::conversations(c, id).await? != conversations {
        return Err(StoreError::Collision(
            "a conversation was created with an account that is being deleted".into(),
        ));
    }
    for step in STEPS {
        sqlx::query(step).bind(id.0).bind(&conversations).execute(&mut *c).await?;
    }
    let gone = sqlx::query("DELETE FROM account WHERE id = $1").bind(id.0).execute(c).await?;
    if gone.rows_affected() == 0 { Err(StoreError::not_found()) } else { Ok(()) }
}

async fn conversations(c: &mut Connection, id: UserId) -> Result<Vec<i64>> {
    sqlx::query_scalar(CONVERSATIONS).bind(id.0).fetch_all(c).await.map_err(StoreError::from)
}
