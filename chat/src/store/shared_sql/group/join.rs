//! Lets a person join a group by a link or an invitation.

use super::rows::{get, group_history, kind, person, person_columns};
use super::{Connection, Facts, add, invitation_links, invitations};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{Admission, GroupChanged, Outcome};
use protocol::{ConversationId, GroupEvent, GroupEventKind, InvitationId, Role, Timestamp, UserId};

/// The group `$2`, and the account `$1`, which need not be a member.
pub(in crate::store) const LOOK: &str = concat!(
    "SELECT c.kind, c.title, c.hue, c.emoji, c.history, ",
    invitations::member_count!(),
    ", c.created_at, ",
    person_columns!("b"),
    " FROM conversation c JOIN account b ON b.id = $1 WHERE c.id = $2"
);

/// See [`crate::store::Write::Join`].
pub(in crate::store) async fn join(
    c: &mut Connection,
    user: UserId,
    conversation: ConversationId,
    by: Admission,
    now: Timestamp,
) -> Result<Outcome> {
    let facts = facts(c, user, conversation).await?;
    match by {
        Admission::Link(token) => {
            let link = invitation_links::facts(c, user, token, now).await?;
            if link.conversation.id != conversation {
                return Err(policy::invitation_has_ended().into());
            }
            if link.is_member {
                return Ok(Outcome::GroupChanged(GroupChanged::default()));
            }
            link.may_join(now)?;
            invitation_links::spend(c, link.id).await?;
        }
        Admission::Invitation(id) => {
            if invitations::accepted(c, user, id).await? == Some(conversation) {
                return Ok(Outcome::GroupChanged(GroupChanged::default()));
            }
            may_accept(c, user, &facts, id, now).await?;
        }
    }
    let event = GroupEvent::new(GroupEventKind::Joined);
    let changed = add::admit(c, &facts, vec![facts.by.clone()], event, now).await?;
    Ok(Outcome::GroupChanged(changed))
}

async fn may_accept(
    c: &mut Connection,
    user: UserId,
    facts: &Facts,
    id: InvitationId,
    now: Timestamp,
) -> Result<()> {
    let waiting = invitations::waiting(c, user, id).await?;
    let waiting =
        waiting.filter(|one| one.conversation == facts.id).ok_or_else(policy::invitation_has_ended)?;
    Ok(policy::may_accept(waiting.created_at, waiting.by_suspended, facts.members, now)?)
}

/// Reads the group, with the person who wants to join as the acting one.
async fn facts(c: &mut Connection, user: UserId, id: ConversationId) -> Result<Facts> {
    let row = sqlx::query(LOOK).bind(user.0).bind(id.0).fetch_optional(c).await?;
    let row = row.ok_or_else(|| StoreError::Refused(policy::invitation_has_ended()))?;
    Ok(Facts {
        id,
        kind: kind(get(&row, 0)?),
        role: Role::Member,
        title: get(&row, 1)?,
        hue: get::<Option<i64>>(&row, 2)?.and_then(|hue| u8::try_from(hue).ok()),
        emoji: get(&row, 3)?,
        history: group_history(get(&row, 4)?),
        members: get(&row, 5)?,
        owners: 0,
        created_at: Timestamp(get(&row, 6)?),
        by: person(&row, 7)?,
    })
}
