//! Pages of history, single messages, membership.

use super::Connection;
use super::dialect::at_most;
use super::rows::{MESSAGE_COLUMNS, flag, get, hidden, is_member, message, message_columns, messages};
use crate::policy;
use crate::store::error::{Result, StoreError};
use protocol::{ClientId, ConversationId, Message, Page, UserId};

pub(super) const PAGE: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM message m JOIN account a ON a.id = m.sender_id \
     WHERE m.conversation_id = $2 AND m.seq < $3 AND m.seq > $5 AND NOT ",
    hidden!("m"),
    " ORDER BY m.seq DESC",
    at_most!("$4")
);

pub(super) const PAGE_AFTER: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM message m JOIN account a ON a.id = m.sender_id \
     WHERE m.conversation_id = $2 AND m.seq > $3 AND m.seq > $5 AND NOT ",
    hidden!("m"),
    " ORDER BY m.seq",
    at_most!("$4")
);

pub(super) const SENT: &str = concat!(
    "SELECT ",
    message_columns!(),
    ", m.hash FROM message m \
     JOIN account a ON a.id = m.sender_id \
     WHERE m.sender_id = $1 AND m.client_id = $2 AND ",
    is_member!("m.conversation_id")
);

pub(super) const COUNTER: &str = "SELECT c.rev, w.from_seq FROM member w JOIN conversation c ON c.id = w.conversation_id \
     WHERE w.conversation_id = $2 AND w.user_id = $1 AND w.has_left = 0";

pub(super) const IS_MEMBER: &str = concat!("SELECT ", is_member!("$2"));

/// See [`crate::store::Store::is_member`].
pub(super) async fn is_member(c: &mut Connection, user: UserId, id: ConversationId) -> Result<bool> {
    let row = sqlx::query(IS_MEMBER).bind(user.0).bind(id.0).fetch_one(c).await?;
    flag(&row, 0)
}

pub(super) const SHOWS_TYPING: &str = "SELECT a.show_typing, c.closed_reason IS NOT NULL \
     FROM member w JOIN account a ON a.id = w.user_id JOIN conversation c ON c.id = w.conversation_id \
     WHERE w.conversation_id = $2 AND w.user_id = $1 AND w.has_left = 0";

/// See [`crate::store::Store::shows_typing`].
pub(super) async fn shows_typing(
    c: &mut Connection,
    user: UserId,
    id: ConversationId,
) -> Result<Option<bool>> {
    let row = sqlx::query(SHOWS_TYPING).bind(user.0).bind(id.0).fetch_optional(c).await?;
    let Some(row) = row else { return Ok(None) };
    policy::is_open(flag(&row, 1)?)?;
    flag(&row, 0).map(Some)
}

/// The counter of a conversation, and the `seq` past which the user sees it. Refused to a user who is not a member, so that a
/// page is read through the membership.
async fn counter(c: &mut Connection, user: UserId, id: ConversationId) -> Result<(i64, i64)> {
    let row = sqlx::query(COUNTER)
        .bind(user.0)
        .bind(id.0)
        .fetch_optional(c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    Ok((get(&row, 0)?, get(&row, 1)?))
}

/// See [`crate::store::Store::page`].
pub(super) async fn page(
    c: &mut Connection,
    user: UserId,
    id: ConversationId,
    before: Option<i64>,
    limit: usize,
) -> Result<Page> {
    let (as_of, past) = counter(c, user, id).await?;
    page_as_of(c, user, id, before, limit, (as_of, past)).await
}

/// Reads the page for a user whose membership was checked in the same snapshot, with the counter and the `seq` past which the
/// user sees the conversation.
pub(super) async fn page_as_of(
    c: &mut Connection,
    user: UserId,
    id: ConversationId,
    before: Option<i64>,
    limit: usize,
    (as_of, past): (i64, i64),
) -> Result<Page> {
    let from = before.unwrap_or(i64::MAX);
    let (mut messages, more) = stretch(c, PAGE, user, id, (from, past), limit).await?;
    messages.reverse();
    Ok(Page { messages, as_of, at_start: !more, at_end: before.is_none() })
}

/// See [`crate::store::Store::page_after`].
pub(super) async fn page_after(
    c: &mut Connection,
    user: UserId,
    id: ConversationId,
    after: i64,
    limit: usize,
) -> Result<Page> {
    let (as_of, past) = counter(c, user, id).await?;
    let (messages, more) = stretch(c, PAGE_AFTER, user, id, (after, past), limit).await?;
    Ok(Page { messages, as_of, at_start: false, at_end: !more })
}

/// Reads at most `limit` messages from a `seq` on and past another, nearest first, and whether there are more.
async fn stretch(
    c: &mut Connection,
    sql: &'static str,
    user: UserId,
    id: ConversationId,
    (from, past): (i64, i64),
    limit: usize,
) -> Result<(Vec<Message>, bool)> {
    // One more than requested shows whether there are more.
    let rows = sqlx::query(sql)
        .bind(user.0)
        .bind(id.0)
        .bind(from)
        .bind(i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX))
        .bind(past)
        .fetch_all(c)
        .await?;
    Ok((messages(rows.get(..limit).unwrap_or(&rows))?, rows.len() > limit))
}

/// See [`crate::store::Store::sent`].
pub(super) async fn sent(
    c: &mut Connection,
    sender: UserId,
    client_id: ClientId,
) -> Result<Option<(Message, [u8; 16])>> {
    let row =
        sqlx::query(SENT).bind(sender.0).bind(client_id.0.as_bytes().as_slice()).fetch_optional(c).await?;
    let Some(row) = row else { return Ok(None) };
    let hash: &[u8] = get(&row, MESSAGE_COLUMNS)?;
    let hash =
        hash.try_into().map_err(|_| StoreError::Internal("a hash that is not 16 bytes long".to_owned()))?;
    Ok(Some((message(&row, 0)?, hash)))
}

/// See [`crate::store::Store::member_ids`].
pub(super) async fn member_ids(c: &mut Connection, id: ConversationId) -> Result<Vec<UserId>> {
    let ids: Vec<i64> = sqlx::query_scalar(
        "SELECT user_id FROM member WHERE conversation_id = $1 AND has_left = 0 ORDER BY user_id",
    )
    .bind(id.0)
    .fetch_all(c)
    .await?;
    Ok(ids.into_iter().map(UserId).collect())
}
