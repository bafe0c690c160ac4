//! Changes after a cursor: for a client that was disconnected, and for the hub's gap repair.

use super::Connection;
use super::dialect::{at_most, join};
use super::history::page_as_of;
use super::list;
use super::rows::{
    MESSAGE_COLUMNS, flag, get, hidden, member_columns_for_user, members, message, message_columns, messages,
};
use crate::store::error::{Result, StoreError};
use protocol::limits::{CHANGES, MAX_ANSWER, PAGE, RESET_BEHIND, SMALL_CONVERSATION};
use protocol::{
    Changes, ConversationId, GroupEventKind, Member, Message, MessageDeleted, MessageType, MessageUpdated,
    NewMessage, Page, Role, ServerFrame, UserId,
};

/// Messages of `$2` whose `rev` is past `$3`, in the order of `rev`, at most `$4`. Messages that never changed are found by
/// `seq`, the others by an index of their own.
macro_rules! changed {
    ($more:expr) => {
        concat!(
            "SELECT ",
            message_columns!(),
            $more,
            " FROM (SELECT * FROM (SELECT seq, rev FROM message \
                    WHERE conversation_id = $2 AND seq > $3 AND rev = seq ORDER BY seq",
            at_most!("$4"),
            ") p UNION ALL SELECT * FROM (SELECT seq, rev FROM message \
                    WHERE conversation_id = $2 AND rev > $3 AND rev > seq ORDER BY rev",
            at_most!("$4"),
            ") q ORDER BY 2",
            at_most!("$4"),
            ") x ",
            join!(),
            " message m ON m.conversation_id = $2 AND m.seq = x.seq \
             JOIN account a ON a.id = m.sender_id \
             ORDER BY x.rev"
        )
    };
}

pub(super) const SEEN_BY: &str = changed!(concat!(", ", hidden!("m")));
pub(super) const BY_NOBODY: &str = changed!(", $1");

pub(super) const FOUND: &str = "SELECT c.rev, w.from_seq, w.joined_seq, \
        (SELECT count(*) FROM member o WHERE o.conversation_id = c.id AND o.has_left = 0) \
     FROM member w JOIN conversation c ON c.id = w.conversation_id \
     WHERE w.conversation_id = $2 AND w.user_id = $1 AND w.has_left = 0";

pub(super) const CHANGED_MEMBERS: &str = concat!(
    "SELECT ",
    member_columns_for_user!(),
    " FROM member o JOIN account a ON a.id = o.user_id \
     WHERE o.conversation_id = $2 AND (o.user_id = $1 OR o.rev > $3) ORDER BY o.user_id"
);

/// Largest size of the rows of one answer, in bytes: it leaves space for other parts of a `sync`.
const MAX_CHANGES: usize = MAX_ANSWER / 2;
/// Size of a message or member as JSON without the text, in bytes: ids, names and times.
const ROW_BYTES: usize = 1_024;

/// A conversation of which the user is a member.
#[derive(Clone, Copy)]
pub(super) struct Found {
    /// The counter.
    pub(super) rev: i64,
    /// The `seq` past which the user sees the conversation.
    pub(super) from_seq: i64,
    /// The counter when the user joined; 0 from the beginning.
    pub(super) joined_seq: i64,
    /// Number of current members.
    pub(super) members: i64,
}

/// Reads the conversation. Refused if the user is not a member, so that the other reads need no check.
async fn found(c: &mut Connection, user: UserId, id: ConversationId) -> Result<Found> {
    let row = sqlx::query(FOUND)
        .bind(user.0)
        .bind(id.0)
        .fetch_optional(c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    Ok(Found {
        rev: get(&row, 0)?,
        from_seq: get(&row, 1)?,
        joined_seq: get(&row, 2)?,
        members: get(&row, 3)?,
    })
}

/// See [`crate::store::Store::changes`].
pub(super) async fn after(
    c: &mut Connection,
    user: UserId,
    id: ConversationId,
    after: i64,
) -> Result<Changes> {
    let found = found(c, user, id).await?;
    of(c, user, id, found, after).await
}

/// Like [`after`], for a conversation that was found in the same snapshot.
pub(super) async fn of(
    c: &mut Connection,
    user: UserId,
    id: ConversationId,
    found: Found,
    after: i64,
) -> Result<Changes> {
    let counter = found.rev;
    let members = members_after(c, user, id, found, after).await?;
    let changes = Changes {
        conversation_id: id,
        after,
        rows: Vec::new(),
        members,
        cursor: counter,
        more: false,
        reset: None,
    };
    // A cursor past the counter belongs to another history: the database was restored from a backup. One from before the
    // joining belongs to an earlier membership, which showed other messages.
    if after <= 0 || after < found.joined_seq || after > counter || counter - after > RESET_BEHIND {
        let page: Page = page_as_of(c, user, id, None, PAGE, (counter, found.from_seq)).await?;
        return Ok(Changes { reset: Some(page), ..changes });
    }
    if after == counter {
        return Ok(changes);
    }
    let rows = sqlx::query(SEEN_BY)
        .bind(user.0)
        .bind(id.0)
        .bind(after)
        .bind(i64::try_from(CHANGES + 1).unwrap_or(i64::MAX))
        .fetch_all(c)
        .await?;
    let mut more = rows.len() > CHANGES;
    let taken = rows.get(..CHANGES).unwrap_or(&rows);
    // Hidden messages and those of an earlier history are left out, and the cursor passes them.
    let mut cursor = match taken.last() {
        Some(last) if more => get(last, 3)?,
        _ => counter,
    };
    let mut told = Vec::with_capacity(taken.len());
    let (mut bytes, mut passed) = (0, after);
    for row in taken {
        if !flag(row, MESSAGE_COLUMNS)? && get::<i64>(row, 2)? > found.from_seq {
            let message = message(row, 0)?;
            bytes += most_bytes(&message);
            if bytes > MAX_CHANGES && !told.is_empty() {
                (cursor, more) = (passed, true);
                break;
            }
            told.push(message);
        }
        passed = get(row, 3)?;
    }
    Ok(Changes { rows: told, cursor, more, ..changes })
}

/// The largest size that these changes can have as JSON, in bytes.
pub(super) fn size(changes: &Changes) -> usize {
    let page = changes.reset.iter().flat_map(|page| &page.messages);
    changes.rows.iter().chain(page).map(most_bytes).sum::<usize>() + changes.members.len() * ROW_BYTES
}

/// The largest size that a message can have as JSON, in bytes.
fn most_bytes(message: &Message) -> usize {
    // JSON escapes take up to two bytes for one of these, and six for one of the other control characters.
    let escaped = message.content.bytes().filter(|byte| *byte < b' ' || matches!(byte, b'"' | b'\\')).count();
    let people = message.event.as_ref().map_or(0, |event| event.members.len());
    (1 + people) * ROW_BYTES + message.content.len() + 5 * escaped
}

/// All members with their receipts in a small conversation; otherwise the user and those whose membership changed.
async fn members_after(
    c: &mut Connection,
    user: UserId,
    id: ConversationId,
    found: Found,
    after: i64,
) -> Result<Vec<Member>> {
    if usize::try_from(found.members).is_ok_and(|there| there <= SMALL_CONVERSATION) {
        return list::members(c, user, id).await;
    }
    let rows = sqlx::query(CHANGED_MEMBERS).bind(user.0).bind(id.0).bind(after).fetch_all(c).await?;
    members(&rows)
}

/// See [`crate::store::Store::frames_after`].
pub(super) async fn frames(c: &mut Connection, id: ConversationId, after: i64) -> Result<Vec<ServerFrame>> {
    let rows = sqlx::query(BY_NOBODY)
        .bind(0_i64)
        .bind(id.0)
        .bind(after)
        .bind(i64::try_from(CHANGES).unwrap_or(i64::MAX))
        .fetch_all(&mut *c)
        .await?;
    let messages = messages(&rows)?;
    let moved = if messages.iter().any(|message| message.message_type == MessageType::System) {
        let rows = sqlx::query(CHANGED_MEMBERS).bind(0_i64).bind(id.0).bind(after).fetch_all(c).await?;
        members(&rows)?
    } else {
        Vec::new()
    };
    Ok(messages.into_iter().map(|message| frame(id, message, &moved)).collect())
}

/// The frame that brings a client to the current state of this message.
fn frame(conversation_id: ConversationId, message: Message, moved: &[Member]) -> ServerFrame {
    let rev = message.rev;
    if message.deleted_at.is_some() {
        let message_id = message.id;
        return ServerFrame::MessageDeleted(MessageDeleted {
            conversation_id,
            message_id,
            rev: Some(rev),
            user_rev: None,
            message: Some(message),
        });
    }
    if rev > message.seq {
        return ServerFrame::MessageUpdated(MessageUpdated { conversation_id, rev, message });
    }
    let members = memberships_as_of(&message, moved);
    ServerFrame::NewMessage(NewMessage { conversation_id, rev, message, members })
}

/// The memberships that this message changed, as they were then. A row of `moved` that changed again has a later `rev`, and
/// what the message tells about the time before.
fn memberships_as_of(message: &Message, moved: &[Member]) -> Vec<Member> {
    let rev = message.rev;
    let membership = |row: &Member| {
        if row.rev == rev {
            return Some(row.clone());
        }
        let event = message.event.as_ref().filter(|_| row.rev > rev)?;
        let is_sender = row.user.id == message.sender.id;
        let is_named = event.members.iter().any(|person| person.id == row.user.id);
        let (role, left) = match event.kind {
            GroupEventKind::Added if is_named => (Role::Member, false),
            GroupEventKind::Joined if is_sender => (Role::Member, false),
            GroupEventKind::Left if is_sender => (row.role, true),
            GroupEventKind::Removed if is_named => (row.role, true),
            GroupEventKind::RoleChanged if is_named => (event.role?, false),
            _ => return None,
        };
        Some(Member { role, left, rev, joined_seq: row.joined_seq.min(rev), ..row.clone() })
    };
    moved.iter().filter_map(membership).collect()
}
