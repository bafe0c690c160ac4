//! The two counters, and what the hub compares.

use super::fault;
use super::rows::{get, json};
use crate::Result;
use protocol::{ConversationId, UserId};
use sqlx::SqliteConnection;

/// The next value of what all members of a conversation see.
pub(super) async fn next_of_conversation(c: &mut SqliteConnection, id: ConversationId) -> Result<i64> {
    sqlx::query_scalar("UPDATE conversation SET rev = rev + 1 WHERE id = ?1 RETURNING rev")
        .bind(id.0)
        .fetch_one(c)
        .await
        .map_err(fault)
}

/// The next value of what concerns one person alone.
pub(super) async fn next_of_person(c: &mut SqliteConnection, user: UserId) -> Result<i64> {
    sqlx::query_scalar("UPDATE account SET user_rev = user_rev + 1 WHERE id = ?1 RETURNING user_rev")
        .bind(user.0)
        .fetch_one(c)
        .await
        .map_err(fault)
}

/// See [`crate::store::Store::counters`].
pub(super) async fn of(
    c: &mut SqliteConnection,
    ids: &[ConversationId],
) -> Result<Vec<(ConversationId, i64)>> {
    let rows =
        sqlx::query("SELECT c.id, c.rev FROM json_each(?1) j CROSS JOIN conversation c ON c.id = j.value")
            .bind(json(ids)?)
            .fetch_all(c)
            .await
            .map_err(fault)?;
    pairs(&rows)
}

/// All conversations of a person.
pub(super) async fn of_person(c: &mut SqliteConnection, user: UserId) -> Result<Vec<(ConversationId, i64)>> {
    let rows = sqlx::query(
        "SELECT c.id, c.rev FROM member w JOIN conversation c ON c.id = w.conversation_id \
         WHERE w.user_id = ?1 AND w.has_left = 0",
    )
    .bind(user.0)
    .fetch_all(c)
    .await
    .map_err(fault)?;
    pairs(&rows)
}

/// See [`crate::store::Store::user_revs`].
pub(super) async fn of_people(c: &mut SqliteConnection, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
    let rows =
        sqlx::query("SELECT a.id, a.user_rev FROM json_each(?1) j CROSS JOIN account a ON a.id = j.value")
            .bind(json(users)?)
            .fetch_all(c)
            .await
            .map_err(fault)?;
    rows.iter().map(|row| Ok((UserId(get(row, 0)?), get(row, 1)?))).collect()
}

/// See [`crate::store::Store::shared`].
pub(super) async fn shared(c: &mut SqliteConnection, name: &str, fresh: &str) -> Result<String> {
    sqlx::query_scalar(
        "INSERT INTO shared (name, value) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET value = shared.value RETURNING value",
    )
    .bind(name)
    .bind(fresh)
    .fetch_one(c)
    .await
    .map_err(fault)
}

fn pairs(rows: &[sqlx::sqlite::SqliteRow]) -> Result<Vec<(ConversationId, i64)>> {
    rows.iter().map(|row| Ok((ConversationId(get(row, 0)?), get(row, 1)?))).collect()
}
