//! The list of conversations and its filters, in pages by key.

use super::dialect::{at_most, join, largest, numbers};
use super::list::{SOME, SOME_MEMBERS, begin, counts, with_members};
use super::rows::{get, hidden};
use super::{Connection, membership};
use crate::Clock as _;
use crate::store::error::{Result, StoreError};
use protocol::limits::{ARCHIVED_IDS, LIST_PAGE, UNREAD_CAP};
use protocol::{Conversation, ConversationId, ListFilter, ListPage, ListPosition, Timestamp, UserId};

/// Number of unread messages of the user `$1` in the conversations of the list behind the position `($2, $3)`, at most 100. Those
/// that are muted past `$4` count nothing; one that is only marked as unread counts 1. Those that may
/// be unread and the marked ones have indexes of their own, which the `+` leaves as the only choice.
pub(super) const UNREAD_AFTER: &str = concat!(
    "SELECT count(*) FROM (SELECT 1 FROM member w ",
    join!(),
    " conversation c ON c.id = w.conversation_id AND c.rev > w.read_seq \
        AND (c.active_at < $2 OR (c.active_at = $2 AND c.id < $3)) ",
    join!(),
    " message u ON u.conversation_id = c.id AND u.seq > ",
    begin!(),
    " AND ",
    counts!("u"),
    " WHERE w.user_id = $1 AND w.may_be_unread = 1 AND +w.has_left = 0 AND w.listed = 1 AND w.archived = 0 \
        AND w.pinned IS NULL AND coalesce(w.muted_until, 0) <= $4 \
      UNION ALL SELECT 1 FROM member w ",
    join!(),
    " conversation c ON c.id = w.conversation_id AND (c.active_at < $2 OR (c.active_at = $2 AND c.id < $3)) \
      WHERE w.user_id = $1 AND w.marked_unread = 1 AND +w.has_left = 0 AND w.listed = 1 AND w.archived = 0 \
        AND w.pinned IS NULL AND coalesce(w.muted_until, 0) <= $4 AND NOT EXISTS (SELECT 1 FROM message u \
            WHERE u.conversation_id = c.id AND u.seq > ",
    begin!(),
    " AND ",
    counts!("u"),
    ") LIMIT 100) t"
);

/// The next `$5` conversations of the kind `$6` of subjects (null: all) in this part of the conversations of the user `$1` after the position `($3, $4)`, by their activity as of `$2`: messages
/// after that time move no conversation, so that each is on one page. Of a conversation that has moved since, the newest 32
/// messages are looked at; if all of them are newer, it takes the place of its creation, and may be on two pages.
macro_rules! page_keys {
    ($part:expr) => { concat!(
    "SELECT x.id, x.active FROM (SELECT c.id AS id, CASE WHEN c.active_at <= $2 THEN c.active_at ELSE coalesce( \
            (SELECT max(t.created_at) FROM (SELECT n.created_at FROM message n WHERE n.conversation_id = c.id \
                ORDER BY n.seq DESC LIMIT 32) t WHERE t.created_at <= $2), c.created_at) END AS active \
        FROM member w JOIN conversation c ON c.id = w.conversation_id \
        WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1 \
            AND coalesce(c.subject_kind, '') = coalesce($6, c.subject_kind, '') AND ",
    $part,
    ") x \
     WHERE x.active <= $2 AND (x.active < $3 OR (x.active = $3 AND x.id < $4)) \
     ORDER BY x.active DESC, x.id DESC",
    at_most!("$5")
) };
}

/// The first `$2` conversations of the list or of the archive, but for the pinned ones: from the indexes, without the rows of the
/// members. Those at rest come from their index in this order.
macro_rules! first_keys {
    ($archived:literal) => { concat!(
    "SELECT x.id, x.active FROM (SELECT c.id AS id, c.active_at AS active FROM member w \
            JOIN conversation c ON c.id = w.conversation_id \
            WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1 AND w.archived = ",
    $archived,
    " AND w.pinned IS NULL AND w.rested_at IS NULL \
        UNION ALL SELECT * FROM (SELECT w.conversation_id, w.rested_at FROM member w \
            WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1 AND w.archived = ",
    $archived,
    " AND w.pinned IS NULL AND w.rested_at IS NOT NULL ORDER BY w.rested_at DESC, w.conversation_id DESC",
    at_most!("$2"),
    ") y) x ORDER BY x.active DESC, x.id DESC",
    at_most!("$2")
) };
}

pub(super) const FIRST_KEYS: &str = first_keys!("0");
/// The archived conversations with the newest activity.
pub(super) const ARCHIVED: &str = first_keys!("1");

/// The list, but for the pinned conversations.
pub(super) const PAGE_KEYS: &str = page_keys!("w.archived = 0 AND w.pinned IS NULL");
/// The list with the pinned conversations, for a kind of subjects.
pub(super) const KIND_KEYS: &str = page_keys!("w.archived = 0");
pub(super) const OPEN_KEYS: &str =
    page_keys!("w.archived = 0 AND c.subject_kind IS NOT NULL AND c.closed_reason IS NULL");
pub(super) const CLOSED_KEYS: &str = page_keys!("w.archived = 0 AND c.closed_reason IS NOT NULL");
pub(super) const ARCHIVED_KEYS: &str = page_keys!("w.archived = 1");
pub(super) const UNREAD_KEYS: &str = page_keys!(concat!(
    "w.archived = 0 AND (w.marked_unread = 1 OR (c.rev > w.read_seq AND EXISTS (SELECT 1 FROM message u \
        WHERE u.conversation_id = c.id AND u.seq > ",
    begin!(),
    " AND ",
    counts!("u"),
    ")))"
));

/// Before all conversations.
const FIRST: ListPosition =
    ListPosition { as_of: Timestamp(i64::MAX), active_at: Timestamp(i64::MAX), id: ConversationId(i64::MAX) };

/// See [`crate::store::Store::conversation_page`]. `also`: conversations of the list that follow the page if they are not on it.
pub(super) async fn page(
    c: &mut Connection,
    user: UserId,
    (filter, subject_kind): (Option<ListFilter>, Option<&str>),
    after: Option<ListPosition>,
    limit: usize,
    also: &[ConversationId],
) -> Result<(Vec<Conversation>, Option<ListPosition>)> {
    // One more, to know whether there is a next page.
    let limit_and_one = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let from = after.unwrap_or(FIRST);
    let behind =
        |keys| sqlx::query(keys).bind(user.0).bind(from.as_of.0).bind(from.active_at.0).bind(from.id.0);
    let keys = match (filter, after) {
        (None, None) if subject_kind.is_none() => sqlx::query(FIRST_KEYS).bind(user.0).bind(limit_and_one),
        _ => {
            let keys = match filter {
                None if subject_kind.is_none() => PAGE_KEYS,
                None => KIND_KEYS,
                Some(ListFilter::Unread) => UNREAD_KEYS,
                Some(ListFilter::Archived) => ARCHIVED_KEYS,
                Some(ListFilter::Open) => OPEN_KEYS,
                Some(ListFilter::Closed) => CLOSED_KEYS,
            };
            behind(keys).bind(limit_and_one).bind(subject_kind)
        }
    };
    let keys = keys.fetch_all(&mut *c).await?;
    let mut positions = Vec::with_capacity(keys.len());
    for row in &keys {
        let (id, active_at) = (ConversationId(get(row, 0)?), Timestamp(get(row, 1)?));
        // The first page is read without a limit of time: later pages keep its order.
        let first = positions.first().map_or(active_at, |first: &ListPosition| first.active_at);
        let as_of = if after.is_some() { from.as_of } else { first };
        positions.push(ListPosition { as_of, active_at, id });
    }
    let more = positions.len() > limit;
    positions.truncate(limit);
    let next = positions.last().copied().filter(|_| more);
    let mut order = match (filter, after) {
        (None, None) if subject_kind.is_none() => membership::pinned(c, user).await?,
        _ => Vec::new(),
    };
    order.extend(positions.iter().map(|position| position.id));
    let ids = numbers(order.iter().chain(also).map(|id| id.0))?;
    let rows = sqlx::query(SOME).bind(user.0).bind(&ids).fetch_all(&mut *c).await?;
    let members = sqlx::query(SOME_MEMBERS).bind(user.0).bind(&ids).fetch_all(c).await?;
    let mut page = with_members(&rows, &members)?;
    let place = |id: ConversationId| order.iter().position(|listed| *listed == id);
    page.sort_by_key(|conversation| place(conversation.id).unwrap_or(usize::MAX));
    Ok((page, next))
}

/// See [`crate::store::Store::list_page`].
pub(super) async fn page_after(
    c: &mut Connection,
    user: UserId,
    filter: Option<ListFilter>,
    subject_kind: Option<String>,
    after: Option<ListPosition>,
) -> Result<ListPage> {
    let user_rev = super::counters::of_people(c, &[user]).await?;
    let user_rev = user_rev.first().ok_or_else(StoreError::not_found)?.1;
    let part = (filter, subject_kind.as_deref());
    let (conversations, next) = page(c, user, part, after, LIST_PAGE, &[]).await?;
    let is_list = filter.is_none() && subject_kind.is_none();
    let unread_after = unread_after(c, user, next.filter(|_| is_list)).await?;
    Ok(ListPage { user_rev, filter, subject_kind, after, conversations, next, unread_after })
}

/// Counts the unread messages in the conversations behind a position, up to 100; none without a position.
pub(super) async fn unread_after(
    c: &mut Connection,
    user: UserId,
    next: Option<ListPosition>,
) -> Result<u32> {
    let Some(next) = next else { return Ok(0) };
    let count: i64 = sqlx::query_scalar(UNREAD_AFTER)
        .bind(user.0)
        .bind(next.active_at.0)
        .bind(next.id.0)
        .bind(crate::SystemClock.now().0)
        .fetch_one(c)
        .await?;
    Ok(u32::try_from(count).unwrap_or(UNREAD_CAP))
}

/// Reads the ids of the archived conversations with the newest activity.
pub(super) async fn archived(c: &mut Connection, user: UserId) -> Result<Vec<ConversationId>> {
    let limit = i64::try_from(ARCHIVED_IDS).unwrap_or(i64::MAX);
    let rows = sqlx::query(ARCHIVED).bind(user.0).bind(limit).fetch_all(c).await?;
    rows.iter().map(|row| Ok(ConversationId(get(row, 0)?))).collect()
}
