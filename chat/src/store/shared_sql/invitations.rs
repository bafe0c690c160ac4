//! Invitations of people to groups.

use super::dialect::{among, at_most, numbers};
use super::rows::{flag, get, person, person_columns};
use super::{Connection, Row, counters};
use crate::policy::{self, PastInvitation};
use crate::store::error::{Result, StoreError};
use crate::store::{EndedInvitation, InvitationEnd, Invited, Outcome};
use protocol::limits::MAX_INVITATIONS;
use protocol::{AddableBy, ConversationId, GroupPreview, Invitation, InvitationId, Timestamp, UserId};

/// The number of current members of the conversation `c`.
macro_rules! member_count {
    () => {
        "(SELECT count(*) FROM member o WHERE o.conversation_id = c.id AND o.has_left = 0)"
    };
}
pub(super) use member_count;

macro_rules! invitations {
    ($filter:expr) => {
        concat!(
            "SELECT i.id, i.created_at, c.id, c.title, c.hue, c.emoji, ",
            member_count!(),
            ", ",
            person_columns!("a"),
            " FROM invitation i JOIN conversation c ON c.id = i.conversation_id JOIN account a ON a.id = i.invited_by \
             WHERE i.declined_at IS NULL AND ",
            $filter,
            " ORDER BY i.created_at DESC, i.id DESC"
        )
    };
}

/// The invitations of the person `$1` that wait for an answer, at most `$2`.
pub(super) const OF: &str = concat!(invitations!("i.user_id = $1"), at_most!("$2"));
/// The invitations `$1`.
const THESE: &str = invitations!(concat!("i.id ", among!("$1")));

/// Of the people `$2`: whom each lets add them, and whether `$1` is a contact: somebody in the same group, or with whom they
/// have a direct conversation in which they wrote. There the last run of one sender is theirs, or follows one of theirs.
pub(super) const ADDABLE: &str = concat!(
    "SELECT a.id, a.addable_by, EXISTS (SELECT 1 FROM member o \
        JOIN member w ON w.conversation_id = o.conversation_id AND w.user_id = $1 AND w.has_left = 0 \
        JOIN conversation c ON c.id = o.conversation_id \
        WHERE o.user_id = a.id AND o.has_left = 0 AND (c.kind = 1 OR EXISTS (SELECT 1 FROM message m \
            WHERE m.conversation_id = c.id AND m.seq = (SELECT n.seq FROM message n WHERE n.conversation_id = c.id \
                ORDER BY n.seq DESC LIMIT 1) \
            AND (m.sender_id = a.id OR coalesce(m.run_seq, m.seq) > 1)))) \
     FROM account a WHERE a.id ",
    among!("$2"),
    " ORDER BY a.id"
);

/// The people `$2` with their earlier invitation to the conversation `$1`, and the numbers of those that were made after `$4` and wait
/// for an answer: all, and those by the person `$3`.
pub(super) const PAST: &str = concat!(
    "SELECT a.id, i.invited_by, i.created_at, i.declined_at, \
        (SELECT count(*) FROM invitation n WHERE n.user_id = a.id AND n.declined_at IS NULL AND n.created_at > $4), \
        (SELECT count(*) FROM invitation n WHERE n.user_id = a.id AND n.declined_at IS NULL AND n.created_at > $4 \
            AND n.invited_by = $3) \
     FROM account a LEFT JOIN invitation i ON i.user_id = a.id AND i.conversation_id = $1 AND i.accepted = 0 WHERE a.id ",
    among!("$2"),
    " ORDER BY a.id"
);

/// A group from five columns: id, title, colour, emoji, number of members.
pub(super) fn group(row: &Row, at: usize) -> Result<GroupPreview> {
    Ok(GroupPreview {
        id: ConversationId(get(row, at)?),
        title: get(row, at + 1)?,
        hue: get::<Option<i64>>(row, at + 2)?.and_then(|hue| u8::try_from(hue).ok()),
        emoji: get(row, at + 3)?,
        member_count: get(row, at + 4)?,
    })
}

fn invitation(row: &Row) -> Result<Invitation> {
    Ok(Invitation {
        id: InvitationId(get(row, 0)?),
        created_at: Timestamp(get(row, 1)?),
        conversation: group(row, 2)?,
        by: person(row, 7)?,
    })
}

/// See [`crate::store::InvitationStore::invitations`].
pub(super) async fn of(c: &mut Connection, user: UserId) -> Result<Vec<Invitation>> {
    let most = i64::try_from(MAX_INVITATIONS).unwrap_or(i64::MAX);
    let rows = sqlx::query(OF).bind(user.0).bind(most).fetch_all(c).await?;
    rows.iter().map(invitation).collect()
}

/// See [`crate::store::InvitationStore::invitation_group`].
pub(super) async fn group_of(
    c: &mut Connection,
    user: UserId,
    id: InvitationId,
) -> Result<Option<ConversationId>> {
    match waiting(c, user, id).await? {
        Some(waiting) => Ok(Some(waiting.conversation)),
        None => accepted(c, user, id).await,
    }
}

/// The group of an invitation of this person, who joined since and still is a member.
pub(super) async fn accepted(
    c: &mut Connection,
    user: UserId,
    id: InvitationId,
) -> Result<Option<ConversationId>> {
    let row = sqlx::query(
        "SELECT i.conversation_id FROM invitation i \
         JOIN member w ON w.conversation_id = i.conversation_id AND w.user_id = i.user_id AND w.has_left = 0 \
         WHERE i.id = $1 AND i.user_id = $2 AND i.accepted = 1",
    )
    .bind(id.0)
    .bind(user.0)
    .fetch_optional(c)
    .await?;
    row.map(|row| Ok(ConversationId(get(&row, 0)?))).transpose()
}

/// An invitation that waits for an answer.
pub(super) struct Waiting {
    pub(super) conversation: ConversationId,
    pub(super) created_at: Timestamp,
    /// The account of the member who made it is suspended.
    pub(super) by_suspended: bool,
}

/// Reads an invitation that waits for this person's answer.
pub(super) async fn waiting(c: &mut Connection, user: UserId, id: InvitationId) -> Result<Option<Waiting>> {
    let row = sqlx::query(
        "SELECT i.conversation_id, i.created_at, a.suspended FROM invitation i JOIN account a ON a.id = i.invited_by \
         WHERE i.id = $1 AND i.user_id = $2 AND i.declined_at IS NULL",
    )
    .bind(id.0)
    .bind(user.0)
    .fetch_optional(c)
    .await?;
    row.map(|row| {
        Ok(Waiting {
            conversation: ConversationId(get(&row, 0)?),
            created_at: Timestamp(get(&row, 1)?),
            by_suspended: flag(&row, 2)?,
        })
    })
    .transpose()
}

/// See [`crate::store::InvitationStore::invitations_before`].
pub(super) async fn before(c: &mut Connection, before: Timestamp) -> Result<Vec<(UserId, InvitationId)>> {
    let rows = sqlx::query(concat!(
        "SELECT user_id, id FROM invitation WHERE declined_at IS NULL AND created_at <= $1 ORDER BY created_at, id",
        at_most!("$2")
    ))
    .bind(before.0)
    .bind(100_i64)
    .fetch_all(c)
    .await?;
    rows.iter().map(|row| Ok((UserId(get(row, 0)?), InvitationId(get(row, 1)?)))).collect()
}

/// Splits people into those whom `by` may add to a group and those who can only be invited. `by` itself is added.
pub(super) async fn split(
    c: &mut Connection,
    by: UserId,
    people: &[UserId],
) -> Result<(Vec<UserId>, Vec<UserId>)> {
    let ids = numbers(people.iter().map(|user| user.0))?;
    let rows = sqlx::query(ADDABLE).bind(by.0).bind(ids).fetch_all(c).await?;
    let mut invited = Vec::new();
    for row in &rows {
        let user = UserId(get(row, 0)?);
        if user != by && !policy::is_addable(addable_by(get(row, 1)?), flag(row, 2)?) {
            invited.push(user);
        }
    }
    let added = people.iter().copied().filter(|user| !invited.contains(user)).collect();
    Ok((added, invited))
}

/// Invites the people to whom an invitation is [`due`].
pub(super) async fn invite(
    c: &mut Connection,
    conversation: ConversationId,
    by: UserId,
    due: &[UserId],
    now: Timestamp,
) -> Result<Vec<Invited>> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let mut revs = Vec::with_capacity(due.len());
    let mut ids = Vec::with_capacity(due.len());
    for &user in due {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO invitation (conversation_id, user_id, invited_by, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (conversation_id, user_id) DO UPDATE SET invited_by = excluded.invited_by, \
                created_at = excluded.created_at, declined_at = NULL, accepted = 0 RETURNING id",
        )
        .bind(conversation.0)
        .bind(user.0)
        .bind(by.0)
        .bind(now.0)
        .fetch_one(&mut *c)
        .await?;
        ids.push(id);
        revs.push((id, user, counters::next_of_person(c, user).await?));
    }
    let rows = sqlx::query(THESE).bind(numbers(ids)?).fetch_all(c).await?;
    let mut made = Vec::with_capacity(rows.len());
    for row in &rows {
        let invitation = invitation(row)?;
        if let Some(&(_, user, user_rev)) = revs.iter().find(|(id, ..)| *id == invitation.id.0) {
            made.push(Invited { user, user_rev, invitation });
        }
    }
    made.sort_unstable_by_key(|invited| invited.user);
    Ok(made)
}

/// Those of these people, who are no members, to whom an invitation is due. One whose invitation waits for an answer keeps it, and
/// one who declined is not asked again at once, of which nobody is told; nor is one who has many to answer. `conversation`: `None`
/// for a group that is about to be created.
pub(super) async fn due(
    c: &mut Connection,
    conversation: Option<ConversationId>,
    by: UserId,
    people: &[UserId],
    now: Timestamp,
) -> Result<Vec<UserId>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let ids = numbers(people.iter().map(|user| user.0))?;
    let conversation = conversation.map_or(0, |id| id.0);
    let since = policy::invitations_expired_at(now);
    let rows = sqlx::query(PAST).bind(conversation).bind(ids).bind(by.0).bind(since.0).fetch_all(c).await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        let past = match get::<Option<i64>>(row, 1)? {
            None => None,
            Some(invited_by) => Some(PastInvitation {
                by: UserId(invited_by),
                created_at: Timestamp(get(row, 2)?),
                declined_at: get::<Option<i64>>(row, 3)?.map(Timestamp),
            }),
        };
        if policy::may_invite_again(past, by, now) && policy::may_wait_for_answer(get(row, 4)?, get(row, 5)?)
        {
            due.push(UserId(get(row, 0)?));
        }
    }
    Ok(due)
}

/// Marks the invitations of people who join as accepted, and returns those that waited for an answer.
pub(super) async fn withdraw(
    c: &mut Connection,
    conversation: ConversationId,
    users: &[UserId],
    now: Timestamp,
) -> Result<Vec<EndedInvitation>> {
    let users = numbers(users.iter().map(|user| user.0))?;
    sqlx::query(concat!(
        "DELETE FROM invitation WHERE conversation_id = $1 AND declined_at IS NOT NULL AND user_id ",
        among!("$2")
    ))
    .bind(conversation.0)
    .bind(&users)
    .execute(&mut *c)
    .await?;
    let rows = sqlx::query(concat!(
        "UPDATE invitation SET accepted = 1, declined_at = $3 WHERE conversation_id = $1 AND user_id ",
        among!("$2"),
        " RETURNING id, user_id"
    ))
    .bind(conversation.0)
    .bind(&users)
    .bind(now.0)
    .fetch_all(&mut *c)
    .await?;
    let mut ended = Vec::with_capacity(rows.len());
    for row in &rows {
        let (invitation, user) = (InvitationId(get(row, 0)?), UserId(get(row, 1)?));
        let user_rev = counters::next_of_person(c, user).await?;
        ended.push(EndedInvitation { user, user_rev, invitation });
    }
    Ok(ended)
}

/// See [`crate::store::Write::EndInvitation`].
pub(super) async fn end(
    c: &mut Connection,
    user: UserId,
    id: InvitationId,
    end: InvitationEnd,
    now: Timestamp,
) -> Result<Outcome> {
    let Some(Waiting { conversation, created_at, .. }) = waiting(c, user, id).await? else {
        let repeated = end == InvitationEnd::Declined && is_declined(c, user, id).await?;
        return if repeated {
            Ok(Outcome::InvitationEnded(None))
        } else {
            Err(policy::invitation_has_ended().into())
        };
    };
    match end {
        InvitationEnd::Declined => {
            sqlx::query("UPDATE invitation SET declined_at = $2 WHERE id = $1")
                .bind(id.0)
                .bind(now.0)
                .execute(&mut *c)
                .await?;
        }
        InvitationEnd::Expired => {
            if !policy::has_expired(created_at, now) {
                return Err(StoreError::not_found());
            }
            sqlx::query("DELETE FROM invitation WHERE id = $1").bind(id.0).execute(&mut *c).await?;
        }
    }
    let user_rev = counters::next_of_person(c, user).await?;
    let ended = EndedInvitation { user, user_rev, invitation: id };
    Ok(Outcome::InvitationEnded(Some((conversation, ended))))
}

async fn is_declined(c: &mut Connection, user: UserId, id: InvitationId) -> Result<bool> {
    let row = sqlx::query(
        "SELECT 1 FROM invitation WHERE id = $1 AND user_id = $2 AND declined_at IS NOT NULL AND accepted = 0",
    )
    .bind(id.0)
    .bind(user.0)
    .fetch_optional(c)
    .await?;
    Ok(row.is_some())
}

/// The preference from its number.
pub(super) fn addable_by(number: i64) -> AddableBy {
    match number {
        0 => AddableBy::Everyone,
        2 => AddableBy::Nobody,
        _ => AddableBy::Contacts,
    }
}

/// The preference as its number.
pub(super) fn addable_by_number(choice: AddableBy) -> i64 {
    match choice {
        AddableBy::Everyone => 0,
        AddableBy::Contacts => 1,
        AddableBy::Nobody => 2,
    }
}
