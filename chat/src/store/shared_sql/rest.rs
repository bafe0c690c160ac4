//! Memberships at rest: those of conversations whose last message is not among the newest of their person. Each has the time of the
//! latest activity in an index, and whether there may be unread messages, so that the list of a person with very many conversations
//! looks at the others alone. A message, or reading what was unread, ends the rest.
//!
//! While a membership rests, its conversation has `has_resting`, `rested_at` is the conversation's `active_at`, and without
//! `may_be_unread` nothing is unread.

use super::connections::{read, transaction};
use super::dialect::{among, at_most, largest, numbers};
use super::{Backend, Connection, locks};
use crate::store::error::Result;
use protocol::{ConversationId, UserId};

/// Number of memberships that one transaction puts to rest, so that writers do not wait long.
const TOGETHER: usize = 512;

/// Number of memberships of the user `$1` that are not at rest, at most `$2`.
pub(super) const AWAKE: &str = concat!(
    "SELECT count(*) FROM (SELECT 1 FROM member w \
        WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1 AND w.rested_at IS NULL",
    at_most!("$2"),
    ") t"
);

/// The next `$3` conversations that can be put to rest for the user `$1`, behind the `$2` with the newest activity. A message in a
/// large one would wake too many members.
pub(super) const CANDIDATES: &str = concat!(
    "SELECT c.id FROM member w JOIN conversation c ON c.id = w.conversation_id \
     WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1 AND w.rested_at IS NULL \
        AND (SELECT count(*) FROM (SELECT 1 FROM member x \
            WHERE x.conversation_id = c.id AND x.has_left = 0 LIMIT 33) y) <= 32 \
     ORDER BY c.active_at DESC, c.id DESC",
    at_most!("$3"),
    " OFFSET $2"
);

/// Puts the memberships of the user `$1` in the conversations `$2` to rest. Of a long stretch past the read position the first 256
/// messages are looked at.
pub(super) const REST: &str = concat!(
    "UPDATE member SET rested_at = (SELECT c.active_at FROM conversation c WHERE c.id = member.conversation_id), \
        may_be_unread = CASE WHEN EXISTS (SELECT 1 FROM (SELECT p.sender_id, p.message_type, p.deleted_at FROM message p \
                WHERE p.conversation_id = member.conversation_id AND p.seq > ",
    largest!("member.read_seq", "member.joined_seq"),
    " ORDER BY p.seq LIMIT 256) recent \
                WHERE recent.sender_id <> $1 AND recent.message_type = 0 AND recent.deleted_at IS NULL) \
            OR EXISTS (SELECT 1 FROM message p WHERE p.conversation_id = member.conversation_id AND p.seq > ",
    largest!("member.read_seq", "member.joined_seq"),
    " ORDER BY p.seq LIMIT 1 OFFSET 255) THEN 1 ELSE 0 END \
     WHERE user_id = $1 AND has_left = 0 AND listed = 1 AND rested_at IS NULL AND conversation_id ",
    among!("$2")
);

/// Notes that memberships of the conversations `$1` are at rest.
const NOTE_RESTING: &str =
    concat!("UPDATE conversation SET has_resting = 1 WHERE has_resting = 0 AND id ", among!("$1"));

/// Ends the rest of all members of the conversations `$1`.
pub(super) const WAKE: &str = concat!(
    "UPDATE member SET rested_at = NULL, may_be_unread = 1 WHERE rested_at IS NOT NULL AND conversation_id ",
    among!("$1")
);

/// Notes that no membership of the conversations `$1` is at rest.
const NOTE_AWAKE: &str = concat!("UPDATE conversation SET has_resting = 0 WHERE id ", among!("$1"));

/// Ends the rest of the user `$1` in the conversation `$2`.
const WAKE_ONE: &str =
    "UPDATE member SET rested_at = NULL, may_be_unread = 1 WHERE conversation_id = $2 AND user_id = $1";

/// See [`crate::store::Store::rest`].
pub(super) async fn rest(
    store: &Backend,
    user: UserId,
    most_awake: usize,
    newest: usize,
) -> crate::Result<u64> {
    let awake = read!(store, c => awake(c, user, most_awake.saturating_add(1)))?;
    let mut rested = 0;
    if awake <= most_awake {
        return Ok(rested);
    }
    loop {
        let (found, now_resting) = transaction!(store, c => rest_some(c, user, newest))?;
        rested += now_resting;
        // None: all of them have changed since they were found.
        if found < TOGETHER || now_resting == 0 {
            return Ok(rested);
        }
    }
}

async fn awake(c: &mut Connection, user: UserId, at_most: usize) -> Result<usize> {
    let awake: i64 = sqlx::query_scalar(AWAKE).bind(user.0).bind(number(at_most)).fetch_one(c).await?;
    Ok(usize::try_from(awake).unwrap_or(0))
}

/// Puts some memberships to rest; gives the number of those that were found, and of those that are at rest now.
async fn rest_some(c: &mut Connection, user: UserId, newest: usize) -> Result<(usize, u64)> {
    let ids: Vec<i64> = sqlx::query_scalar(CANDIDATES)
        .bind(user.0)
        .bind(number(newest))
        .bind(number(TOGETHER))
        .fetch_all(&mut *c)
        .await?;
    if ids.is_empty() {
        return Ok((0, 0));
    }
    locks::for_rest(c, user, &ids).await?;
    sqlx::query(NOTE_RESTING).bind(numbers(ids.iter().copied())?).execute(&mut *c).await?;
    let rested = sqlx::query(REST).bind(user.0).bind(numbers(ids.iter().copied())?).execute(c).await?;
    Ok((ids.len(), rested.rows_affected()))
}

fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Ends the rest of all members of these conversations, which get a message and have `has_resting`.
pub(super) async fn wake(
    c: &mut Connection,
    conversations: impl Iterator<Item = ConversationId>,
) -> Result<()> {
    let ids: Vec<i64> = conversations.map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(WAKE).bind(numbers(ids.iter().copied())?).execute(&mut *c).await?;
    sqlx::query(NOTE_AWAKE).bind(numbers(ids)?).execute(c).await?;
    Ok(())
}

/// Ends the rest of one member, who has read what was unread.
pub(super) async fn wake_one(c: &mut Connection, user: UserId, conversation: ConversationId) -> Result<()> {
    sqlx::query(WAKE_ONE).bind(user.0).bind(conversation.0).execute(c).await?;
    Ok(())
}
