//! The state of a conversation for one member alone: muting, archive, pins, the unread mark and the draft.

use super::create_conversation::increment_user_revs;
use super::dialect::{among, numbers};
use super::rows::{get, notification_level_number, personal_columns, personal_state};
use super::{Connection, Row, counters};
use crate::store::error::{Result, StoreError};
use crate::store::{Outcome, PersonalChange};
use crate::{membership, policy};
use protocol::{ConversationId, MembershipChange, Message, PersonalState, Timestamp, UserId};

pub(super) const LOOK: &str = concat!(
    "SELECT ",
    personal_columns!(),
    " FROM member w WHERE w.conversation_id = $2 AND w.user_id = $1 AND w.has_left = 0"
);

/// The pinned conversations of the user `$1`, in their order.
pub(super) const PINNED: &str = "SELECT w.conversation_id FROM member w \
     WHERE w.user_id = $1 AND w.pinned IS NOT NULL AND w.has_left = 0 ORDER BY w.pinned, w.conversation_id";

const WRITE: &str = "UPDATE member SET muted_until = $3, archived = $4, pinned = $5, marked_unread = $6, \
        notify = $7 \
     WHERE conversation_id = $2 AND user_id = $1";

const WRITE_DRAFT: &str = "INSERT INTO draft (user_id, conversation_id, content) VALUES ($1, $2, $3) \
     ON CONFLICT (user_id, conversation_id) DO UPDATE SET content = excluded.content";

const DELETE_DRAFT: &str = "DELETE FROM draft WHERE user_id = $1 AND conversation_id = $2";

/// Takes the conversation `$1` out of the archives of its members, but for the sender `$2` (null: for nobody) and those who have
/// muted it past `$3`. Returns the columns of [`personal_columns`]: SQLite has no alias of the table there.
pub(super) const UNARCHIVE: &str = "UPDATE member SET archived = 0 \
     WHERE conversation_id = $1 AND archived = 1 AND has_left = 0 AND user_id <> coalesce($2, 0) \
        AND coalesce(muted_until, 0) <= $3 \
     RETURNING user_id, muted_until, archived, pinned, marked_unread, (SELECT d.content FROM draft d \
        WHERE d.user_id = member.user_id AND d.conversation_id = member.conversation_id), notify";

/// Notes of the conversations `$1` that nobody has them in the archive any more.
const NOTE_NONE_ARCHIVED: &str = concat!(
    "UPDATE conversation SET has_archived = 0 WHERE id ",
    among!("$1"),
    " AND NOT EXISTS (SELECT 1 FROM member o WHERE o.conversation_id = conversation.id AND o.archived = 1)"
);

/// See [`crate::store::Write::SetMembership`].
pub(super) async fn set(
    c: &mut Connection,
    user: UserId,
    conversation: ConversationId,
    change: &MembershipChange,
    now: Timestamp,
) -> Result<Outcome> {
    let before = state(c, user, conversation).await?.ok_or_else(StoreError::not_found)?;
    let mut after = membership::changed(&before, change, now)?;
    let mut moved = Vec::new();
    if change.pinned.is_some() || after.pinned != before.pinned {
        let mut order = pinned(c, user).await?;
        order.retain(|id| *id != conversation);
        if let Some(place) = after.pinned {
            policy::may_pin(order.len())?;
            let at = usize::try_from(place.saturating_sub(1)).unwrap_or(usize::MAX);
            order.insert(at.min(order.len()), conversation);
        }
        for (place, id) in (1..).zip(order) {
            if id == conversation {
                after.pinned = Some(place);
            } else {
                moved.push((id, place));
            }
        }
    }
    let mut changes = Vec::new();
    if after != before {
        changes.push(write(c, user, conversation, &before, after).await?);
    }
    for (id, place) in moved {
        let before = state(c, user, id).await?.ok_or_else(|| StoreError::missing("a pinned member"))?;
        if before.pinned != Some(place) {
            let after = PersonalState { pinned: Some(place), ..before.clone() };
            changes.push(write(c, user, id, &before, after).await?);
        }
    }
    Ok(Outcome::MembershipSet(changes))
}

/// Reads the personal state; `None` if the user is not a member.
async fn state(c: &mut Connection, user: UserId, id: ConversationId) -> Result<Option<PersonalState>> {
    let row = sqlx::query(LOOK).bind(user.0).bind(id.0).fetch_optional(c).await?;
    row.map(|row| personal_state(&row, 0)).transpose()
}

/// Reads the pinned conversations, in their order.
pub(super) async fn pinned(c: &mut Connection, user: UserId) -> Result<Vec<ConversationId>> {
    let rows = sqlx::query(PINNED).bind(user.0).fetch_all(c).await?;
    rows.iter().map(|row| Ok(ConversationId(get(row, 0)?))).collect()
}

/// Writes the personal state, with the next value of the person's counter.
async fn write(
    c: &mut Connection,
    user: UserId,
    conversation: ConversationId,
    before: &PersonalState,
    state: PersonalState,
) -> Result<PersonalChange> {
    sqlx::query(WRITE)
        .bind(user.0)
        .bind(conversation.0)
        .bind(state.muted_until.map(|until| until.0))
        .bind(i64::from(state.archived))
        .bind(state.pinned.map(i64::from))
        .bind(i64::from(state.marked_unread))
        .bind(notification_level_number(state.notify))
        .execute(&mut *c)
        .await?;
    if state.archived && !before.archived {
        sqlx::query("UPDATE conversation SET has_archived = 1 WHERE id = $1")
            .bind(conversation.0)
            .execute(&mut *c)
            .await?;
    }
    match &state.draft {
        draft if *draft == before.draft => {}
        Some(text) => {
            let query = sqlx::query(WRITE_DRAFT).bind(user.0).bind(conversation.0).bind(text);
            query.execute(&mut *c).await?;
        }
        None => delete_draft(c, user, conversation).await?,
    }
    let user_rev = counters::next_of_person(c, user).await?;
    Ok(PersonalChange { conversation, user_rev, state })
}

/// Removes the draft of the sender of this message if it is its text. Any other draft stays.
pub(super) async fn remove_sent_draft(
    c: &mut Connection,
    message: &Message,
) -> Result<Option<PersonalChange>> {
    let (user, conversation) = (message.sender.id, message.conversation_id);
    let Some(before) = state(c, user, conversation).await? else { return Ok(None) };
    if !before.draft.as_deref().is_some_and(|draft| membership::is_draft_of(draft, &message.content)) {
        return Ok(None);
    }
    delete_draft(c, user, conversation).await?;
    let user_rev = counters::next_of_person(c, user).await?;
    Ok(Some(PersonalChange { conversation, user_rev, state: PersonalState { draft: None, ..before } }))
}

async fn delete_draft(c: &mut Connection, user: UserId, conversation: ConversationId) -> Result<()> {
    sqlx::query(DELETE_DRAFT).bind(user.0).bind(conversation.0).execute(c).await?;
    Ok(())
}

/// Clears the personal state of a member who leaves.
pub(super) async fn clear(c: &mut Connection, user: UserId, conversation: ConversationId) -> Result<()> {
    let none = [None::<i64>; 2];
    sqlx::query(WRITE)
        .bind(user.0)
        .bind(conversation.0)
        .bind(none[0])
        .bind(0_i64)
        .bind(none[1])
        .bind(0_i64)
        .bind(0_i64)
        .execute(&mut *c)
        .await?;
    delete_draft(c, user, conversation).await
}

/// Takes conversations that get a message out of the archives of their members, but for the sender, where there is only one,
/// and those who have muted them. Returns the members with their new states, by conversation, then by id.
pub(super) async fn unarchive(
    c: &mut Connection,
    conversations: &[(ConversationId, Option<UserId>)],
    now: Timestamp,
) -> Result<Vec<(UserId, PersonalChange)>> {
    let mut unarchived = Vec::new();
    for (conversation, sender) in conversations {
        let rows = sqlx::query(UNARCHIVE)
            .bind(conversation.0)
            .bind(sender.map(|sender| sender.0))
            .bind(now.0)
            .fetch_all(&mut *c)
            .await?;
        if rows.is_empty() {
            continue;
        }
        let state = |row: &Row| Ok((UserId(get(row, 0)?), personal_state(row, 1)?));
        let mut states = rows.iter().map(state).collect::<Result<Vec<_>>>()?;
        states.sort_unstable_by_key(|(user, _)| *user);
        let users: Vec<UserId> = states.iter().map(|(user, _)| *user).collect();
        // Both are ordered by id.
        let revs = increment_user_revs(c, &users).await?;
        unarchived.extend(states.into_iter().zip(revs).map(|((user, state), (_, user_rev))| {
            (user, PersonalChange { conversation: *conversation, user_rev, state })
        }));
    }
    sqlx::query(NOTE_NONE_ARCHIVED)
        .bind(numbers(conversations.iter().map(|(id, _)| id.0))?)
        .execute(c)
        .await?;
    Ok(unarchived)
}
