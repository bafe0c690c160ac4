//! Conversations as a user sees them. Each part is looked up by an index, so that the cost does not grow with the history.

use super::dialect::{among, join, largest};
use super::rows::subject_columns;
use super::rows::{
    MESSAGE_COLUMNS, PERSONAL_COLUMNS, get, group_history, hidden, kind, member, member_columns_for_user,
    message, message_columns, personal_columns, personal_state, subject,
};
use super::{Connection, Row};
use crate::store::error::{Result, StoreError};
use protocol::{Conversation, ConversationId, Member, PersonalState, Timestamp, UserId};
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

pub(super) use {begin, counts};

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
            ", ",
            personal_columns!(),
            ", c.hue, c.emoji, c.history, ",
            subject_columns!("c"),
            " FROM member w \
             JOIN conversation c ON c.id = w.conversation_id \
             LEFT JOIN message m ON m.conversation_id = c.id AND m.seq = (SELECT n.seq FROM message n \
                WHERE n.conversation_id = c.id AND n.seq > w.from_seq AND NOT ",
            hidden!("n"),
            " ORDER BY n.seq DESC LIMIT 1) \
             LEFT JOIN account a ON a.id = m.sender_id \
             WHERE w.user_id = $1 AND ",
            $filter,
            " ORDER BY coalesce(m.created_at, c.created_at) DESC, c.id DESC"
        )
    };
}

/// The memberships of these conversations in the list. The `+` keeps a planner from the index of all memberships of the person,
/// of which there may be thousands.
macro_rules! some {
    () => {
        concat!("+w.has_left = 0 AND +w.listed = 1 AND w.conversation_id ", among!("$2"))
    };
}

pub(super) const ALL: &str = conversations!("w.has_left = 0 AND w.listed = 1");
/// The conversations `$2` of the list.
pub(super) const SOME: &str = conversations!(some!());
pub(super) const ONE: &str = conversations!("w.has_left = 0 AND c.id = $2");

/// At most 32 members of each conversation: the user first, then current members, then former ones.
macro_rules! some_members {
    ($filter:expr) => {
        concat!(
            "SELECT o.conversation_id, ",
            member_columns_for_user!(),
            " FROM member w ",
            join!(),
            " member o ON o.conversation_id = w.conversation_id AND o.user_id IN \
                (SELECT $1 UNION ALL SELECT * FROM (SELECT x.user_id FROM member x \
                    WHERE x.conversation_id = w.conversation_id AND x.user_id <> $1 \
                    ORDER BY x.has_left, x.user_id LIMIT 31) y) \
             JOIN account a ON a.id = o.user_id \
             WHERE w.user_id = $1 AND ",
            $filter,
            " ORDER BY o.conversation_id, o.user_id"
        )
    };
}

pub(super) const ALL_SOME_MEMBERS: &str = some_members!("w.has_left = 0 AND w.listed = 1");
pub(super) const SOME_MEMBERS: &str = some_members!(some!());

pub(super) const ALL_MEMBERS: &str = concat!(
    "SELECT ",
    member_columns_for_user!(),
    " FROM member o JOIN account a ON a.id = o.user_id WHERE o.conversation_id = $2 ORDER BY o.user_id"
);

/// See [`crate::store::Store::conversations`].
pub(super) async fn all(c: &mut Connection, user: UserId) -> Result<Vec<Conversation>> {
    let rows = sqlx::query(ALL).bind(user.0).fetch_all(&mut *c).await?;
    let members = sqlx::query(ALL_SOME_MEMBERS).bind(user.0).fetch_all(c).await?;
    with_members(&rows, &members)
}

/// The conversations of these rows, with the members that belong to each.
pub(super) fn with_members(rows: &[Row], members: &[Row]) -> Result<Vec<Conversation>> {
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
    conversation(&row, members(c, user, id).await?)
}

/// Reads all members, former ones included, as the user sees them.
pub(super) async fn members(c: &mut Connection, user: UserId, id: ConversationId) -> Result<Vec<Member>> {
    let rows = sqlx::query(ALL_MEMBERS).bind(user.0).bind(id.0).fetch_all(c).await?;
    super::rows::members(&rows)
}

/// The places of the message, the personal state, and picture and history in a row.
const MESSAGE: usize = 8;
const PERSONAL: usize = MESSAGE + MESSAGE_COLUMNS;
const LOOKS: usize = PERSONAL + PERSONAL_COLUMNS;

fn conversation(row: &Row, members: Vec<Member>) -> Result<Conversation> {
    let has_message = get::<Option<i64>>(row, MESSAGE)?.is_some();
    let PersonalState { muted_until, archived, pinned, marked_unread, draft, notify } =
        personal_state(row, PERSONAL)?;
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
        last_message: if has_message { Some(message(row, MESSAGE)?) } else { None },
        muted_until,
        archived,
        pinned,
        marked_unread,
        notify,
        draft,
        hue: get::<Option<i64>>(row, LOOKS)?.and_then(|hue| u8::try_from(hue).ok()),
        emoji: get(row, LOOKS + 1)?,
        history: group_history(get(row, LOOKS + 2)?),
        subject: subject(row, LOOKS + 3)?.map(Box::new),
    })
}
