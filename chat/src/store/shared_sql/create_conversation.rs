//! Creating a conversation, or finding the direct conversation of two people.

use super::dialect::{among, numbers};
use super::rows::{get, kind_number, person, person_columns, role_number};
use super::{Connection, invitations, listed, request};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{NewConversation, NewlyListed, Outcome};
use protocol::limits::SMALL_CONVERSATION;
use protocol::{
    Conversation, ConversationId, ConversationKind, ErrorBody, ErrorCode, History, Member, Person, Role,
    Timestamp, UserId,
};
use sha2::{Digest as _, Sha256};

/// Creates or finds the conversation.
pub(super) async fn create(c: &mut Connection, new: &NewConversation, now: Timestamp) -> Result<Outcome> {
    if !new.participants.contains(&new.creator) {
        return Err(ErrorCode::Invalid.into());
    }
    let direct_key = direct_key(new);
    if let Some(id) = repeated(c, new).await? {
        // A direct conversation is listed again, as when it is found without an id.
        let newly_listed = match &direct_key {
            Some(_) => listed::list_for(c, &[id], Some(new.creator)).await?,
            None => Vec::new(),
        };
        return Ok(found(id, newly_listed));
    }
    if let Some(key) = &direct_key {
        let there: Option<i64> = sqlx::query_scalar("SELECT id FROM conversation WHERE direct_key = $1")
            .bind(key)
            .fetch_optional(&mut *c)
            .await?;
        if let Some(id) = there {
            let id = ConversationId(id);
            record(c, new, id).await?;
            let newly_listed = listed::list_for(c, &[id], Some(new.creator)).await?;
            return Ok(found(id, newly_listed));
        }
    }
    let people = people(c, &new.participants).await?;
    if people.len() != new.participants.len() {
        return Err(StoreError::not_found());
    }
    let kind = if direct_key.is_some() { ConversationKind::Direct } else { ConversationKind::Group };
    if kind == ConversationKind::Group {
        policy::may_be_added(&people)?;
    }
    let (added, invited) = match kind {
        ConversationKind::Group if new.invites => {
            invitations::split(c, new.creator, &new.participants).await?
        }
        _ => (new.participants.clone(), Vec::new()),
    };
    let due = invitations::due(c, None, new.creator, &invited, now).await?;
    let people = people.into_iter().filter(|person| added.contains(&person.id)).collect();
    let admitted = &NewConversation { participants: added, ..new.clone() };
    let members = members(admitted, kind, people);
    let id = write(c, admitted, kind, direct_key, &members, now).await?;
    record(c, new, id).await?;
    let revs = increment_user_revs(c, listed_for(admitted, kind)).await?;
    let newly_listed = revs
        .into_iter()
        .map(|(user, user_rev)| NewlyListed {
            user,
            user_rev,
            conversation: seen_by(user, id, kind, new, &members, now),
        })
        .collect();
    let invited = invitations::invite(c, id, new.creator, &due, now).await?;
    Ok(Outcome::ConversationCreated { id, created: true, newly_listed, invited })
}

/// The outcome for a conversation that existed.
fn found(id: ConversationId, newly_listed: Vec<NewlyListed>) -> Outcome {
    Outcome::ConversationCreated { id, created: false, newly_listed, invited: Vec::new() }
}

/// The conversation that this request made or found before. Another request with the same id is refused, also one of another kind.
async fn repeated(c: &mut Connection, new: &NewConversation) -> Result<Option<ConversationId>> {
    let Some(client_id) = new.client_id else { return Ok(None) };
    let row =
        sqlx::query("SELECT conversation_id, hash FROM creation WHERE creator_id = $1 AND client_id = $2")
            .bind(new.creator.0)
            .bind(client_id.0.as_bytes().as_slice())
            .fetch_optional(&mut *c)
            .await?;
    let Some(row) = row else {
        request::refuse_used(c, request::BEFORE_CREATION, new.creator, client_id).await?;
        return Ok(None);
    };
    if get::<Vec<u8>>(&row, 1)? != request_hash(new) {
        let why = "This client_id was used for another conversation";
        return Err(StoreError::Refused(ErrorBody::because(ErrorCode::IdConflict, why)));
    }
    Ok(Some(ConversationId(get(&row, 0)?)))
}

/// Records the request under its id.
async fn record(c: &mut Connection, new: &NewConversation, id: ConversationId) -> Result<()> {
    let Some(client_id) = new.client_id else { return Ok(()) };
    sqlx::query(
        "INSERT INTO creation (creator_id, client_id, hash, conversation_id) VALUES ($1, $2, $3, $4)",
    )
    .bind(new.creator.0)
    .bind(client_id.0.as_bytes().as_slice())
    .bind(request_hash(new))
    .bind(id.0)
    .execute(c)
    .await?;
    Ok(())
}

/// SHA-256 of the participants in any order, and of the title.
fn request_hash(new: &NewConversation) -> Vec<u8> {
    let mut participants: Vec<i64> = new.participants.iter().map(|user| user.0).collect();
    participants.sort_unstable();
    let digest = Sha256::new_with_prefix(format!("{participants:?} {:?}", new.title)).finalize();
    digest.to_vec()
}

fn direct_key(new: &NewConversation) -> Option<String> {
    match (new.participants.as_slice(), &new.title) {
        ([one, other], None) => Some(format!("{}:{}", one.min(other), one.max(other))),
        _ => None,
    }
}

/// The members in whose list the new conversation appears. The other person of a direct conversation sees it with its first
/// message.
fn listed_for(new: &NewConversation, kind: ConversationKind) -> &[UserId] {
    match kind {
        ConversationKind::Direct => std::slice::from_ref(&new.creator),
        ConversationKind::Group => &new.participants,
    }
}

/// Reads the people, ordered by id.
pub(super) async fn people(c: &mut Connection, ids: &[UserId]) -> Result<Vec<Person>> {
    let rows = sqlx::query(concat!(
        "SELECT ",
        person_columns!("a"),
        " FROM account a WHERE a.id ",
        among!("$1"),
        " ORDER BY a.id"
    ))
    .bind(numbers(ids.iter().map(|id| id.0))?)
    .fetch_all(c)
    .await?;
    rows.iter().map(|row| person(row, 0)).collect()
}

fn members(new: &NewConversation, kind: ConversationKind, people: Vec<Person>) -> Vec<Member> {
    people
        .into_iter()
        .map(|user| {
            let owns = kind == ConversationKind::Group && user.id == new.creator;
            let role = if owns { Role::Owner } else { Role::Member };
            Member {
                user,
                role,
                rev: 0,
                joined_seq: 0,
                read_seq: 0,
                delivered_seq: 0,
                left: false,
                subject_role: None,
            }
        })
        .collect()
}

async fn write(
    c: &mut Connection,
    new: &NewConversation,
    kind: ConversationKind,
    direct_key: Option<String>,
    members: &[Member],
    now: Timestamp,
) -> Result<ConversationId> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO conversation (kind, title, direct_key, created_at, active_at) VALUES ($1, $2, $3, $4, $4) RETURNING id",
    )
    .bind(kind_number(kind))
    .bind(&new.title)
    .bind(direct_key)
    .bind(now.0)
    .fetch_one(&mut *c)
    .await?;
    let of = |role| members.iter().filter(move |member| member.role == role).map(|member| member.user.id.0);
    sqlx::query(concat!(
        "INSERT INTO member (conversation_id, user_id, role, listed) \
         SELECT $1, a.id, CASE WHEN a.id ",
        among!("$3"),
        " THEN $4 ELSE $5 END, CASE WHEN a.id ",
        among!("$6"),
        " THEN 1 ELSE 0 END FROM account a WHERE a.id ",
        among!("$2")
    ))
    .bind(id)
    .bind(numbers(members.iter().map(|member| member.user.id.0))?)
    .bind(numbers(of(Role::Owner))?)
    .bind(role_number(Role::Owner))
    .bind(role_number(Role::Member))
    .bind(numbers(listed_for(new, kind).iter().map(|user| user.0))?)
    .execute(c)
    .await?;
    Ok(ConversationId(id))
}

/// Increments the people's counters, and gives the new values.
pub(super) async fn increment_user_revs(c: &mut Connection, ids: &[UserId]) -> Result<Vec<(UserId, i64)>> {
    let rows = sqlx::query(concat!(
        "UPDATE account SET user_rev = user_rev + 1 WHERE id ",
        among!("$1"),
        " RETURNING id, user_rev"
    ))
    .bind(numbers(ids.iter().map(|id| id.0))?)
    .fetch_all(c)
    .await?;
    let mut revs =
        rows.iter().map(|row| Ok((UserId(get(row, 0)?), get(row, 1)?))).collect::<Result<Vec<_>>>()?;
    revs.sort_unstable();
    Ok(revs)
}

/// The new conversation in one member's list, as [`super::list`] would read it.
fn seen_by(
    user: UserId,
    id: ConversationId,
    kind: ConversationKind,
    new: &NewConversation,
    members: &[Member],
    now: Timestamp,
) -> Conversation {
    let others = members.iter().filter(|member| member.user.id != user).take(SMALL_CONVERSATION - 1);
    let mut shown: Vec<Member> =
        members.iter().filter(|member| member.user.id == user).chain(others).cloned().collect();
    shown.sort_unstable_by_key(|member| member.user.id);
    Conversation {
        id,
        kind,
        title: new.title.clone(),
        rev: 0,
        members: shown,
        member_count: i64::try_from(members.len()).unwrap_or(i64::MAX),
        last_message: None,
        unread: 0,
        read_seq: 0,
        created_at: now,
        muted_until: None,
        archived: false,
        pinned: None,
        marked_unread: false,
        notify: protocol::NotificationLevel::Default,
        draft: None,
        hue: None,
        emoji: None,
        history: History::Whole,
        subject: None,
    }
}
