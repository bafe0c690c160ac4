//! The counters of conversations and people, and values that all nodes share.

use super::connections::transaction;
use super::dialect::{among, numbers};
use super::rows::{flag, get};
use super::{Backend, Connection, Row};
use crate::store::error::{Result, StoreError};
use crate::store::{Privacy, UserCounters};
use protocol::{ConversationId, UserId};

/// Increments the counter of a conversation.
pub(super) async fn next_of_conversation(c: &mut Connection, id: ConversationId) -> Result<i64> {
    sqlx::query_scalar("UPDATE conversation SET rev = rev + 1 WHERE id = $1 RETURNING rev")
        .bind(id.0)
        .fetch_one(c)
        .await
        .map_err(StoreError::from)
}

/// Increments the counter of a person.
pub(super) async fn next_of_person(c: &mut Connection, user: UserId) -> Result<i64> {
    sqlx::query_scalar("UPDATE account SET user_rev = user_rev + 1 WHERE id = $1 RETURNING user_rev")
        .bind(user.0)
        .fetch_one(c)
        .await
        .map_err(StoreError::from)
}

/// See [`crate::store::Store::counters`].
pub(super) async fn of(c: &mut Connection, ids: &[ConversationId]) -> Result<Vec<(ConversationId, i64)>> {
    let rows = sqlx::query(concat!(
        "SELECT c.id, c.rev FROM conversation c WHERE c.id ",
        among!("$1"),
        " ORDER BY c.id"
    ))
    .bind(numbers(ids.iter().map(|id| id.0))?)
    .fetch_all(c)
    .await?;
    pairs(&rows)
}

/// Reads the counters of all conversations in a person's list.
pub(super) async fn of_person(c: &mut Connection, user: UserId) -> Result<Vec<(ConversationId, i64)>> {
    let rows = sqlx::query(
        "SELECT c.id, c.rev FROM member w JOIN conversation c ON c.id = w.conversation_id \
         WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1",
    )
    .bind(user.0)
    .fetch_all(c)
    .await?;
    pairs(&rows)
}

pub(super) const USER_COUNTERS: &str = "SELECT a.user_rev, c.id, c.rev, a.show_typing, a.send_read_receipts FROM account a \
     LEFT JOIN member w ON w.user_id = a.id AND w.has_left = 0 AND w.listed = 1 \
     LEFT JOIN conversation c ON c.id = w.conversation_id \
     WHERE a.id = $1";

/// See [`crate::store::Store::user_counters`].
pub(super) async fn user_counters(c: &mut Connection, user: UserId) -> Result<UserCounters> {
    let rows = sqlx::query(USER_COUNTERS).bind(user.0).fetch_all(c).await?;
    let first = rows.first().ok_or_else(StoreError::not_found)?;
    let user_rev = get(first, 0)?;
    let privacy = Privacy { hides_typing: !flag(first, 3)?, hides_reads: !flag(first, 4)? };
    let mut counters = Vec::with_capacity(rows.len());
    for row in &rows {
        // A person without conversations has one row of nulls.
        if let Some(id) = get::<Option<i64>>(row, 1)? {
            counters.push((ConversationId(id), get(row, 2)?));
        }
    }
    Ok(UserCounters { user_rev, privacy, counters })
}

/// See [`crate::store::Store::user_revs`].
pub(super) async fn of_people(c: &mut Connection, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
    let rows = sqlx::query(concat!(
        "SELECT a.id, a.user_rev FROM account a WHERE a.id ",
        among!("$1"),
        " ORDER BY a.id"
    ))
    .bind(numbers(users.iter().map(|user| user.0))?)
    .fetch_all(c)
    .await?;
    rows.iter().map(|row| Ok((UserId(get(row, 0)?), get(row, 1)?))).collect()
}

/// See [`crate::store::Store::shared`].
pub(super) async fn shared(c: &mut Connection, name: &str, fresh: &str) -> Result<String> {
    sqlx::query_scalar(
        "INSERT INTO shared (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = shared.value RETURNING value",
    )
    .bind(name)
    .bind(fresh)
    .fetch_one(c)
    .await
    .map_err(StoreError::from)
}

fn pairs(rows: &[Row]) -> Result<Vec<(ConversationId, i64)>> {
    rows.iter().map(|row| Ok((ConversationId(get(row, 0)?), get(row, 1)?))).collect()
}

/// See [`crate::store::Store::command_changes`].
pub(super) async fn command_changes(c: &mut Connection) -> Result<i64> {
    let count = sqlx::query_scalar("SELECT count FROM command_changes").fetch_one(c).await?;
    Ok(count)
}

/// See [`crate::store::Store::count_command_change`].
pub(super) async fn count_command_change(store: &Backend) -> crate::Result<()> {
    transaction!(store, c => increment_command_changes(c))
}

async fn increment_command_changes(c: &mut Connection) -> Result<()> {
    sqlx::query("UPDATE command_changes SET count = count + 1").execute(c).await?;
    Ok(())
}
