//! What a member opened to others: the links and the waiting invitations of an inviter. They end with the permission.

use super::create_conversation::increment_user_revs;
use super::rows::get;
use super::{Connection, Row};
use crate::store::EndedInvitation;
use crate::store::error::Result;
use protocol::{ConversationId, InvitationId, UserId};

/// Deletes the links of the person `$1` to the conversation `$2` (null: to all).
pub(super) const DELETE_LINKS: &str = "DELETE FROM invitation_link \
     WHERE created_by = $1 AND conversation_id = coalesce($2, conversation_id)";

/// Deletes the invitations by the person `$1` to the conversation `$2` (null: to all) that wait for an answer. Declined ones stay, so
/// that they are not repeated at once.
pub(super) const DELETE_INVITATIONS: &str = "DELETE FROM invitation \
     WHERE invited_by = $1 AND conversation_id = coalesce($2, conversation_id) AND declined_at IS NULL \
     RETURNING user_id, id";

/// Ends the links and the waiting invitations of this person: those to one group, or all. Returns the invitations, ordered by
/// person, with one new value of the counter for each person.
pub(super) async fn end(
    c: &mut Connection,
    inviter: UserId,
    only: Option<ConversationId>,
) -> Result<Vec<EndedInvitation>> {
    let only = only.map(|id| id.0);
    sqlx::query(DELETE_LINKS).bind(inviter.0).bind(only).execute(&mut *c).await?;
    let rows = sqlx::query(DELETE_INVITATIONS).bind(inviter.0).bind(only).fetch_all(&mut *c).await?;
    let ended = |row: &Row| Ok((UserId(get(row, 0)?), InvitationId(get(row, 1)?)));
    let mut ended = rows.iter().map(ended).collect::<Result<Vec<_>>>()?;
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    ended.sort_unstable_by_key(|(user, invitation)| (*user, invitation.0));
    let mut users: Vec<UserId> = ended.iter().map(|(user, _)| *user).collect();
    users.dedup();
    let revs = increment_user_revs(c, &users).await?;
    let rev_of = |user| revs.iter().find(|(of, _)| *of == user).map_or(0, |(_, rev)| *rev);
    let ended = ended.into_iter().map(|(user, invitation)| {
        let user_rev = rev_of(user);
        EndedInvitation { user, user_rev, invitation }
    });
    Ok(ended.collect())
}
