//! Sets the role of a member.

use super::notifications::{self, StoredKind};
use super::remove::find;
use super::rows::role_number;
use super::{Connection, Facts, counters, inviter, system_message};
use crate::policy;
use crate::store::GroupChanged;
use crate::store::error::Result;
use protocol::{GroupEvent, GroupEventKind, Member, Role, Timestamp, UserId};

/// Sets the role. The acting owner stays an owner until they give that up.
pub(super) async fn set(
    c: &mut Connection,
    facts: &Facts,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<GroupChanged> {
    let member = find(c, facts.id, user).await?;
    policy::may_set_roles(facts.kind, facts.role)?;
    change(c, facts, member, role, now).await
}

/// Makes the acting member an owner.
pub(super) async fn become_owner(c: &mut Connection, facts: &Facts, now: Timestamp) -> Result<GroupChanged> {
    policy::may_have_owners(facts.kind)?;
    let member = find(c, facts.id, facts.by.id).await?;
    change(c, facts, member, Role::Owner, now).await
}

async fn change(
    c: &mut Connection,
    facts: &Facts,
    mut member: Member,
    role: Role,
    now: Timestamp,
) -> Result<GroupChanged> {
    let user = member.user.id;
    if member.role == role {
        return Ok(GroupChanged::default());
    }
    policy::may_have_role(&member.user, role)?;
    policy::keeps_an_owner(facts.owners, &member)?;
    let rev = counters::next_of_conversation(c, facts.id).await?;
    member.rev = rev;
    member.role = role;
    sqlx::query("UPDATE member SET role = $3, rev = $4 WHERE conversation_id = $1 AND user_id = $2")
        .bind(facts.id.0)
        .bind(user.0)
        .bind(role_number(role))
        .bind(rev)
        .execute(&mut *c)
        .await?;
    let ended = match policy::may_add(facts.kind, role) {
        Ok(()) => Vec::new(),
        Err(_) => inviter::end(c, user, Some(facts.id)).await?,
    };
    let event = GroupEvent {
        role: Some(role),
        ..GroupEvent::about(GroupEventKind::RoleChanged, vec![member.user.clone()])
    };
    let message = system_message::insert(c, facts.id, rev, facts.by.clone(), event, now).await?;
    let kind = match role {
        _ if user == facts.by.id => None,
        Role::Member => None,
        Role::Moderator => Some(StoredKind::Moderator),
        Role::Owner => Some(StoredKind::Owner),
    };
    let notified = match kind {
        Some(kind) => notifications::store(c, &[user], kind, facts.title.as_deref(), &message).await?,
        None => Vec::new(),
    };
    let (messages, members) = (vec![message], vec![member]);
    Ok(GroupChanged { messages, members, ended, notified, ..GroupChanged::default() })
}
