//! Changes of groups. Each change increments the counter once, and has one system message.

mod add;
mod join;
mod remove;
mod role;
mod update;

pub(super) use add::admit;
#[cfg(test)]
pub(super) use join::LOOK as JOINED;
pub(super) use join::join;
#[cfg(test)]
pub(super) use remove::LOOK as REMOVED;
pub(super) use remove::{is_member, one as remove_member};

use super::dialect::join;
use super::rows::{flag, get, group_history, kind, person, person_columns};
use super::{
    Connection, counters, create_conversation, dialect, invitation_links, invitations, inviter, membership,
    notifications, request, rows, system_message,
};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{GroupChange, GroupChanged, GroupWrite, Outcome};
use protocol::{ConversationId, ConversationKind, History, Person, Role, Timestamp, UserId};

pub(super) const FACTS: &str = concat!(
    "SELECT c.kind, w.role, c.title, c.hue, c.emoji, c.history, \
        (SELECT count(*) FROM member o WHERE o.conversation_id = c.id AND o.has_left = 0), \
        (SELECT count(*) FROM member o ",
    join!(),
    " account p ON p.id = o.user_id \
            WHERE o.conversation_id = c.id AND o.has_left = 0 AND o.role = 2 AND p.suspended = 0), \
        c.created_at, c.subject_kind IS NOT NULL, ",
    person_columns!("b"),
    " FROM member w JOIN account b ON b.id = w.user_id JOIN conversation c ON c.id = w.conversation_id \
     WHERE w.conversation_id = $2 AND w.user_id = $1 AND w.has_left = 0"
);

/// A group, and the acting member.
pub(super) struct Facts {
    id: ConversationId,
    kind: ConversationKind,
    /// The role of the acting member.
    role: Role,
    by: Person,
    title: Option<String>,
    hue: Option<u8>,
    emoji: Option<String>,
    history: History,
    members: i64,
    /// The number of owners whose accounts are not suspended.
    owners: i64,
    created_at: Timestamp,
}

impl Facts {
    pub(super) fn kind(&self) -> ConversationKind {
        self.kind
    }

    /// The role of the acting member.
    pub(super) fn role(&self) -> Role {
        self.role
    }

    /// The acting member.
    pub(super) fn by(&self) -> &Person {
        &self.by
    }

    /// The number of members.
    pub(super) fn members(&self) -> i64 {
        self.members
    }
}

/// See [`crate::store::Write::Group`].
pub(super) async fn one(c: &mut Connection, write: &GroupWrite, now: Timestamp) -> Result<Outcome> {
    let request = request::Request::change(write);
    if request.is_repeated(c).await? {
        return Ok(Outcome::GroupChanged(GroupChanged::default()));
    }
    let facts = facts(c, write.by, write.conversation).await?;
    let changed = match &write.change {
        GroupChange::Add(people) => add::people(c, &facts, people, now).await?,
        GroupChange::Remove(member) => remove::one(c, &facts, *member, now).await?,
        GroupChange::SetRole(member, role) => role::set(c, &facts, *member, *role, now).await?,
        GroupChange::Update(update) => update::all(c, facts, update, now).await?,
        GroupChange::BecomeOwner => role::become_owner(c, &facts, now).await?,
    };
    request.record(c, now).await?;
    Ok(Outcome::GroupChanged(changed))
}

/// Reads the group through the membership of the person who acts.
pub(super) async fn facts(c: &mut Connection, by: UserId, id: ConversationId) -> Result<Facts> {
    let row = sqlx::query(FACTS)
        .bind(by.0)
        .bind(id.0)
        .fetch_optional(c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    policy::is_the_members_own(flag(&row, 9)?)?;
    Ok(Facts {
        id,
        kind: kind(get(&row, 0)?),
        role: rows::role(get(&row, 1)?),
        title: get(&row, 2)?,
        hue: get::<Option<i64>>(&row, 3)?.and_then(|hue| u8::try_from(hue).ok()),
        emoji: get(&row, 4)?,
        history: group_history(get(&row, 5)?),
        members: get(&row, 6)?,
        owners: get(&row, 7)?,
        created_at: Timestamp(get(&row, 8)?),
        by: person(&row, 10)?,
    })
}
