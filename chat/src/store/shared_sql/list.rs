//! Conversations as a user sees them. Each part is looked up by an index, so that the cost does not grow with the history.

use super::dialect::{among, at_most, join, largest, numbers};
use super::rows::{get, hidden, kind, member, member_columns, message, message_columns};
use super::{Connection, Row};
use crate::store::error::{Result, StoreError};
use protocol::limits::{LIST_PAGE, UNREAD_CAP};
use protocol::{Conversation, ConversationId, ListPage, ListPosition, Member, Timestamp, UserId};
use std::collections::HashMap;

/// The `seq` past which the member `w` can have unread messages.
macro_rules! begin {
    () => {
        largest!("w.read_seq", "w.joined_seq")
    };
}

/// Whether a message with this alias past [`begin`] is unread for the user `$1`.
macro_rules! counts {
    ($alias:literal) => {
        concat!(
            $alias,
            ".sender_id <> $1 AND ",
            $alias,
            ".message_type = 0 AND ",
            $alias,
            ".deleted_at IS NULL AND NOT ",
            hidden!($alias)
        )
    };
}

/// Number of messages of the conversation `c` that the member `w` has not read, at most 100.
///
/// Counts among the newest 256 messages first, which is nearly always enough. If it is not, most of these are the user's own:
/// then a recursion goes from run to run of one sender, from the newest back, and steps over the user's own runs.
macro_rules! unread {
    () => {
        concat!(
            "(SELECT CASE WHEN seen.others >= 100 THEN 100 WHEN seen.messages < 256 THEN seen.others ELSE \
                (WITH RECURSIVE run (sender_id, first, last) AS ( \
                    SELECT * FROM (SELECT n.sender_id, coalesce(n.run_seq, n.seq), n.seq FROM message n \
                        WHERE n.conversation_id = c.id AND n.seq > ",
            begin!(),
            " ORDER BY n.seq DESC LIMIT 1) newest \
                    UNION ALL \
                    SELECT n.sender_id, coalesce(n.run_seq, n.seq), n.seq FROM run JOIN message n \
                        ON n.conversation_id = c.id AND n.seq = (SELECT b.seq FROM message b \
                            WHERE b.conversation_id = c.id AND b.seq < run.first AND b.seq > ",
            begin!(),
            " ORDER BY b.seq DESC LIMIT 1)) \
                SELECT count(*) FROM (SELECT 1 FROM run ",
            join!(),
            " message u ON u.conversation_id = c.id AND u.seq <= run.last AND u.seq >= ",
            largest!("run.first", "w.read_seq + 1", "w.joined_seq + 1"),
            " WHERE run.sender_id <> $1 AND ",
            counts!("u"),
            " LIMIT 100) t) END \
             FROM (SELECT count(*) AS messages, count(*) FILTER (WHERE ",
            counts!("recent"),
            ") AS others FROM (SELECT p.id, p.sender_id, p.message_type, p.deleted_at FROM message p \
                WHERE p.conversation_id = c.id AND p.seq > ",
            begin!(),
            " ORDER BY p.seq DESC LIMIT 256) recent) seen)"
        )
    };
}

/// One row for each conversation `c` of the member `w`, who is the user `$1`; `m` is the newest message that they may see.
macro_rules! conversations {
    ($filter:expr) => {
        concat!(
            "SELECT c.id, c.kind, c.title, c.rev, c.created_at, w.read_seq, \
                (SELECT count(*) FROM member o WHERE o.conversation_id = c.id AND o.has_left = 0), \
                ",
            unread!(),
            ", ",
            message_columns!(),
            " FROM member w \
             JOIN conversation c ON c.id = w.conversation_id \
             LEFT JOIN message m ON m.conversation_id = c.id AND m.seq = (SELECT n.seq FROM message n WHERE n.conversation_id = c.id AND NOT ",
            hidden!("n"),
            " ORDER BY n.seq DESC LIMIT 1) \
             LEFT JOIN account a ON a.id = m.sender_id \
             WHERE w.user_id = $1 AND w.has_left = 0",
            $filter,
            " ORDER BY coalesce(m.created_at, c.created_at) DESC, c.id DESC"
        )
    };
}

pub(super) const ALL: &str = conversations!(" AND w.listed = 1");
/// The conversations `$2` of the list.
pub(super) const SOME: &str = conversations!(concat!(" AND w.listed = 1 AND c.id ", among!("$2")));
pub(super) const ONE: &str = conversations!(" AND c.id = $2");

/// At most 32 members of each conversation: the user first, then current members, then former ones.
macro_rules! some_members {
    ($filter:expr) => {
        concat!(
            "SELECT o.conversation_id, ",
            member_columns!(),
            " FROM member w ",
            join!(),
            " member o ON o.conversation_id = w.conversation_id AND o.user_id IN \
                (SELECT $1 UNION ALL SELECT * FROM (SELECT x.user_id FROM member x \
                    WHERE x.conversation_id = w.conversation_id AND x.user_id <> $1 \
                    ORDER BY x.has_left, x.user_id LIMIT 31) y) \
             JOIN account a ON a.id = o.user_id \
             WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1",
            $filter,
            " ORDER BY o.conversation_id, o.user_id"
        )
    };
}

pub(super) const ALL_SOME_MEMBERS: &str = some_members!("");
pub(super) const SOME_MEMBERS: &str = some_members!(concat!(" AND w.conversation_id ", among!("$2")));

/// Number of unread messages of the user `$1` in the conversations of the list behind the position `($2, $3)`, at most 100.
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
    " WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1 LIMIT 100) t"
);

/// The next `$5` conversations of the list of the user `$1` after the position `($3, $4)`, by their activity as of `$2`: messages
/// after that time move no conversation, so that each is on one page. Of a conversation that has moved since, the newest 32
/// messages are looked at; if all of them are newer, it takes the place of its creation, and may be on two pages.
pub(super) const PAGE_KEYS: &str = concat!(
    "SELECT x.id, x.active FROM (SELECT c.id AS id, CASE WHEN c.active_at <= $2 THEN c.active_at ELSE coalesce( \
            (SELECT max(t.created_at) FROM (SELECT n.created_at FROM message n WHERE n.conversation_id = c.id \
                ORDER BY n.seq DESC LIMIT 32) t WHERE t.created_at <= $2), c.created_at) END AS active \
        FROM member w JOIN conversation c ON c.id = w.conversation_id \
        WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1) x \
     WHERE x.active <= $2 AND (x.active < $3 OR (x.active = $3 AND x.id < $4)) \
     ORDER BY x.active DESC, x.id DESC",
    at_most!("$5")
);

pub(super) const ALL_MEMBERS: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM member o JOIN account a ON a.id = o.user_id WHERE o.conversation_id = $1 ORDER BY o.user_id"
);

/// See [`crate::store::Store::conversations`].
pub(super) async fn all(c: &mut Connection, user: UserId) -> Result<Vec<Conversation>> {
    let rows = sqlx::query(ALL).bind(user.0).fetch_all(&mut *c).await?;
    let members = sqlx::query(ALL_SOME_MEMBERS).bind(user.0).fetch_all(c).await?;
    with_members(&rows, &members)
}

/// Before all conversations.
const FIRST: ListPosition =
    ListPosition { as_of: Timestamp(i64::MAX), active_at: Timestamp(i64::MAX), id: ConversationId(i64::MAX) };

/// See [`crate::store::Store::conversation_page`]. `also`: conversations of the list that follow the page if they are not on it.
pub(super) async fn page(
    c: &mut Connection,
    user: UserId,
    after: Option<ListPosition>,
    limit: usize,
    also: &[ConversationId],
) -> Result<(Vec<Conversation>, Option<ListPosition>)> {
    let from = after.unwrap_or(FIRST);
    let keys = sqlx::query(PAGE_KEYS)
        .bind(user.0)
        .bind(from.as_of.0)
        .bind(from.active_at.0)
        .bind(from.id.0)
        // One more, to know whether there is a next page.
        .bind(i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX))
        .fetch_all(&mut *c)
        .await?;
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
    let ids = numbers(positions.iter().map(|position| position.id.0).chain(also.iter().map(|id| id.0)))?;
    let rows = sqlx::query(SOME).bind(user.0).bind(&ids).fetch_all(&mut *c).await?;
    let members = sqlx::query(SOME_MEMBERS).bind(user.0).bind(&ids).fetch_all(c).await?;
    let mut page = with_members(&rows, &members)?;
    let place = |id: ConversationId| positions.iter().position(|position| position.id == id);
    page.sort_by_key(|conversation| place(conversation.id).unwrap_or(usize::MAX));
    Ok((page, next))
}

/// See [`crate::store::Store::list_page`].
pub(super) async fn page_after(c: &mut Connection, user: UserId, after: ListPosition) -> Result<ListPage> {
    let user_rev = super::counters::of_people(c, &[user]).await?;
    let user_rev = user_rev.first().ok_or_else(StoreError::not_found)?.1;
    let (conversations, next) = page(c, user, Some(after), LIST_PAGE, &[]).await?;
    let unread_after = unread_after(c, user, next).await?;
    Ok(ListPage { user_rev, after, conversations, next, unread_after })
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
        .fetch_one(c)
        .await?;
    Ok(u32::try_from(count).unwrap_or(UNREAD_CAP))
}

/// The conversations of these rows, with the members that belong to each.
fn with_members(rows: &[Row], members: &[Row]) -> Result<Vec<Conversation>> {
    let mut of: HashMap<i64, Vec<Member>> = HashMap::new();
    for row in members {
        of.entry(get(row, 0)?).or_default().push(member(row, 1)?);
    }
    rows.iter()
        .map(|row| {
            let members = of.remove(&get(row, 0)?).unwrap_or_default();
            conversation(row, members)
        })
        .collect()
}

/// See [`crate::store::Store::conversation`].
pub(super) async fn one(c: &mut Connection, user: UserId, id: ConversationId) -> Result<Conversation> {
    let row = sqlx::query(ONE)
        .bind(user.0)
        .bind(id.0)
        .fetch_optional(&mut *c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    conversation(&row, members(c, id).await?)
}

/// Reads all members, former ones included.
pub(super) async fn members(c: &mut Connection, id: ConversationId) -> Result<Vec<Member>> {
    let rows = sqlx::query(ALL_MEMBERS).bind(id.0).fetch_all(c).await?;
    super::rows::members(&rows)
}

fn conversation(row: &Row, members: Vec<Member>) -> Result<Conversation> {
    let has_message = get::<Option<i64>>(row, 8)?.is_some();
    Ok(Conversation {
        id: ConversationId(get(row, 0)?),
        kind: kind(get(row, 1)?),
        title: get(row, 2)?,
        rev: get(row, 3)?,
        created_at: Timestamp(get(row, 4)?),
        read_seq: get(row, 5)?,
        member_count: get(row, 6)?,
        unread: u32::try_from(get::<i64>(row, 7)?).unwrap_or(u32::MAX),
        members,
        last_message: if has_message { Some(message(row, 8)?) } else { None },
    })
}
