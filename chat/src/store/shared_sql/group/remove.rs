//! Removes a member, or lets a member leave.

use super::rows::{member, member_columns};
use super::{Connection, Facts, counters, inviter, membership, system_message};
use crate::policy;
use crate::store::GroupChanged;
use crate::store::error::{Result, StoreError};
use protocol::{ConversationId, GroupEvent, GroupEventKind, Member, Timestamp, UserId};

pub(in crate::store) const LOOK: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM member o JOIN account a ON a.id = o.user_id \
     WHERE o.conversation_id = $1 AND o.user_id = $2 AND o.has_left = 0"
);

/// Reads a current member.
pub(super) async fn find(c: &mut Connection, id: ConversationId, user: UserId) -> Result<Member> {
    let row = sqlx::query(LOOK)
        .bind(id.0)
        .bind(user.0)
        .fetch_optional(c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    member(&row, 0)
}

/// Whether this person is a current member.
pub(in crate::store) async fn is_member(
    c: &mut Connection,
    id: ConversationId,
    user: UserId,
) -> Result<bool> {
    Ok(sqlx::query(LOOK).bind(id.0).bind(user.0).fetch_optional(c).await?.is_some())
}

/// Ends the membership of this person.
pub(in crate::store) async fn one(
    c: &mut Connection,
    facts: &Facts,
    user: UserId,
    now: Timestamp,
) -> Result<GroupChanged> {
    let mut removed = find(c, facts.id, user).await?;
    policy::may_remove(facts.kind, facts.by.id, facts.role, &removed)?;
    // The last member takes the group along.
    if facts.members > 1 {
        policy::keeps_an_owner(facts.owners, &removed)?;
    }
    let rev = counters::next_of_conversation(c, facts.id).await?;
    removed.rev = rev;
    removed.left = true;
    sqlx::query("UPDATE member SET has_left = 1, rev = $3 WHERE conversation_id = $1 AND user_id = $2")
        .bind(facts.id.0)
        .bind(user.0)
        .bind(rev)
        .execute(&mut *c)
        .await?;
    membership::clear(c, user, facts.id).await?;
    let ended = inviter::end(c, user, Some(facts.id)).await?;
    let event = match facts.by.id == user {
        true => GroupEvent::new(GroupEventKind::Left),
        false => GroupEvent::about(GroupEventKind::Removed, vec![removed.user.clone()]),
    };
    let message = system_message::insert(c, facts.id, rev, facts.by.clone(), event, now).await?;
    let user_rev = counters::next_of_person(c, user).await?;
    Ok(GroupChanged {
        messages: vec![message],
        members: vec![removed],
        removed: Some((user, user_rev)),
        ended,
        ..GroupChanged::default()
    })
}
