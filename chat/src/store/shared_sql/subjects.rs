//! Conversations about subjects of a product.

use super::dialect::{among, at_most, json, numbers};
use super::rows::{
    SUBJECT_COLUMNS, closed_by, closed_by_number, get, notification_level_number, person, person_columns,
    subject, subject_columns,
};
use super::{Connection, accounts, counters, create_conversation, listed, request, system_message};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{
    GroupChanged, NewSubject, Outcome, ParticipantClosing, SubjectConversation, SubjectKey, SubjectWrite,
};
use protocol::{
    ClosedBy, ConversationId, GroupEvent, GroupEventKind, NotificationLevel, Person, Role, Subject,
    Timestamp, UserId,
};
use std::collections::HashMap;

/// The oldest conversation about the subject `$1`, `$2`.
pub(super) const FIND: &str = "SELECT c.id FROM conversation c WHERE c.subject_kind = $1 AND c.subject_id = $2 \
     ORDER BY c.id LIMIT 1";

/// The conversation about the subject `$1`, `$2` of the people `$3`, and behind it the one of any people, from the time when the kind
/// had one conversation per subject.
pub(super) const FIND_OF_PEOPLE: &str = "SELECT c.id, c.subject_people FROM conversation c \
     WHERE c.subject_kind = $1 AND c.subject_id = $2 AND c.subject_people IN ($3, '') ORDER BY c.subject_people DESC";

/// The roles of the members of the conversation `$1`.
pub(super) const ROLES: &str = "SELECT w.user_id, w.subject_role FROM member w \
     WHERE w.conversation_id = $1 AND w.has_left = 0 ORDER BY w.user_id";

/// The subject of the conversation `$1`, and its first member.
pub(super) const LOOK: &str = concat!(
    "SELECT ",
    subject_columns!("c"),
    ", ",
    person_columns!("b"),
    " FROM conversation c JOIN account b ON b.id = (SELECT min(o.user_id) FROM member o \
        WHERE o.conversation_id = c.id AND o.has_left = 0) \
     WHERE c.id = $1 AND c.subject_kind IS NOT NULL"
);

/// The member `$2` of the conversation `$1`, with the kind of its subject and the role in it.
pub(super) const PARTICIPANT: &str = concat!(
    "SELECT c.subject_kind, w.subject_role, c.closed_by, ",
    person_columns!("b"),
    " FROM member w JOIN account b ON b.id = w.user_id JOIN conversation c ON c.id = w.conversation_id \
     WHERE w.conversation_id = $1 AND w.user_id = $2 AND w.has_left = 0"
);

/// The conversations about the subject `$1`, `$2` with an id above `$3`.
pub(super) const OF: &str = concat!(
    "SELECT ",
    subject_columns!("c"),
    ", c.id, c.created_at FROM conversation c WHERE c.subject_kind = $1 AND c.subject_id = $2 AND c.id > $3 ORDER BY c.id",
    at_most!("$4")
);

/// The participants of the conversations `$1`.
pub(super) const PARTICIPANTS: &str = concat!(
    "SELECT w.conversation_id, w.subject_role, ",
    person_columns!("a"),
    " FROM member w JOIN account a ON a.id = w.user_id \
     WHERE w.has_left = 0 AND w.conversation_id ",
    among!("$1"),
    " ORDER BY w.conversation_id, w.user_id"
);

/// See [`crate::store::Write::Subject`].
pub(super) async fn one(c: &mut Connection, write: &SubjectWrite, now: Timestamp) -> Result<Outcome> {
    match write {
        SubjectWrite::Open(new) => open(c, new, now).await,
        SubjectWrite::Update { conversation, card } => {
            let updated = |subject: Subject| {
                let key = SubjectKey { kind: subject.kind, id: subject.id };
                card.clone().subject(key, subject.closed, subject.closed_by)
            };
            let changed =
                change(c, *conversation, GroupEvent::new(GroupEventKind::SubjectUpdated), None, now, updated)
                    .await?;
            Ok(Outcome::GroupChanged(changed))
        }
        SubjectWrite::Close { conversation, reason } => {
            Ok(Outcome::GroupChanged(close(c, *conversation, Some(reason), None, now).await?))
        }
        SubjectWrite::Reopen { conversation } => {
            Ok(Outcome::GroupChanged(close(c, *conversation, None, None, now).await?))
        }
        SubjectWrite::ByParticipant(write) => by_participant(c, write, now).await,
        SubjectWrite::Moderate { conversation, by, reason } => {
            Ok(Outcome::GroupChanged(moderate(c, *conversation, *by, reason.as_deref(), now).await?))
        }
    }
}

async fn by_participant(c: &mut Connection, write: &ParticipantClosing, now: Timestamp) -> Result<Outcome> {
    let request = request::Request::closing(write);
    if request.is_repeated(c).await? {
        return Ok(Outcome::GroupChanged(GroupChanged::default()));
    }
    let row = sqlx::query(PARTICIPANT)
        .bind(write.conversation.0)
        .bind(write.by.0)
        .fetch_optional(&mut *c)
        .await?
        .ok_or_else(StoreError::not_found)?;
    let kind: Option<String> = get(&row, 0)?;
    let role: Option<String> = get(&row, 1)?;
    let roles = kind.map(|kind| write.roles.get(&kind).map_or(&[][..], Vec::as_slice));
    policy::may_close(roles, role.as_deref(), get::<Option<i64>>(&row, 2)?.map(closed_by))?;
    let by = Some(person(&row, 3)?);
    let changed = close(c, write.conversation, write.reason.as_ref(), by, now).await?;
    request.record(c, now).await?;
    Ok(Outcome::GroupChanged(changed))
}

/// Closes the conversation for this reason, or opens it again without one.
async fn close(
    c: &mut Connection,
    id: ConversationId,
    reason: Option<&String>,
    by: Option<Person>,
    now: Timestamp,
) -> Result<GroupChanged> {
    let kind = if reason.is_some() { GroupEventKind::Closed } else { GroupEventKind::Reopened };
    let closed = reason.cloned();
    let closer = if by.is_some() { ClosedBy::Participant } else { ClosedBy::Product };
    let closed_by = reason.map(|_| closer);
    change(c, id, GroupEvent::new(kind), by, now, |subject| Subject { closed, closed_by, ..subject }).await
}

async fn open(c: &mut Connection, new: &NewSubject, now: Timestamp) -> Result<Outcome> {
    let mut participants = new.participants.clone();
    participants.sort_unstable_by_key(|(user, _)| *user);
    let ids: Vec<UserId> = participants.iter().map(|(user, _)| *user).collect();
    let people = people_key(new.has_one, &ids);
    if let Some(id) = existing(c, &new.key, new.has_one, &participants).await? {
        return Ok(Outcome::ConversationCreated {
            id,
            created: false,
            newly_listed: Vec::new(),
            invited: Vec::new(),
        });
    }
    let accounts = create_conversation::people(c, &ids).await?;
    if accounts.len() != ids.len() {
        return Err(StoreError::not_found());
    }
    policy::may_be_added(&accounts)?;
    let id = insert(c, new, &people, now).await?;
    for (user, role) in &participants {
        // All messages notify: the conversation is between few people who have business with each other.
        sqlx::query(
            "INSERT INTO member (conversation_id, user_id, role, listed, notify, subject_role) \
             VALUES ($1, $2, 0, 0, $3, $4)",
        )
        .bind(id.0)
        .bind(user.0)
        .bind(notification_level_number(NotificationLevel::All))
        .bind(role)
        .execute(&mut *c)
        .await?;
    }
    let newly_listed = listed::list_for(c, &[id], None).await?;
    Ok(Outcome::ConversationCreated { id, created: true, newly_listed, invited: Vec::new() })
}

/// The conversation about a subject that these participants, who are ordered by id, have already.
///
/// # Errors
/// `Conflict`: the subject has one conversation, of other participants, or they have other roles.
pub(super) async fn existing(
    c: &mut Connection,
    key: &SubjectKey,
    has_one: bool,
    participants: &[(UserId, String)],
) -> Result<Option<ConversationId>> {
    let ids: Vec<UserId> = participants.iter().map(|(user, _)| *user).collect();
    let there = if has_one { find(c, key).await? } else { find_of_people(c, key, &ids).await? };
    if let Some(id) = there {
        policy::is_of_participants(&roles(c, id).await?, participants)?;
    }
    Ok(there)
}

async fn find(c: &mut Connection, key: &SubjectKey) -> Result<Option<ConversationId>> {
    let found: Option<i64> = sqlx::query_scalar(FIND).bind(&key.kind).bind(&key.id).fetch_optional(c).await?;
    Ok(found.map(ConversationId))
}

/// The conversation of these people, who are ordered by id. Roles do not count.
async fn find_of_people(
    c: &mut Connection,
    key: &SubjectKey,
    sorted: &[UserId],
) -> Result<Option<ConversationId>> {
    let people = people_key(false, sorted);
    let rows =
        sqlx::query(FIND_OF_PEOPLE).bind(&key.kind).bind(&key.id).bind(&people).fetch_all(&mut *c).await?;
    for row in &rows {
        let id = ConversationId(get(row, 0)?);
        let is_theirs =
            get::<String>(row, 1)? == people || roles(c, id).await?.iter().map(|(user, _)| user).eq(sorted);
        if is_theirs {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

async fn insert(
    c: &mut Connection,
    new: &NewSubject,
    people: &str,
    now: Timestamp,
) -> Result<ConversationId> {
    let id: Option<i64> = sqlx::query_scalar(
        "INSERT INTO conversation (kind, created_at, active_at, subject_kind, subject_id, subject_people, subject_card) \
         VALUES (1, $1, $1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(now.0)
    .bind(&new.key.kind)
    .bind(&new.key.id)
    .bind(people)
    .bind(json(&new.card)?)
    .fetch_optional(c)
    .await?;
    // The next attempt finds it.
    let collision = || StoreError::Collision("another node created the conversation of this subject".into());
    id.map(ConversationId).ok_or_else(collision)
}

/// The people of a conversation as one text, ordered by id; empty where the subject has one conversation.
pub(super) fn people_key(has_one: bool, sorted: &[UserId]) -> String {
    if has_one {
        return String::new();
    }
    sorted.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The members and their roles, ordered by id.
async fn roles(c: &mut Connection, id: ConversationId) -> Result<Vec<(UserId, String)>> {
    let rows = sqlx::query(ROLES).bind(id.0).fetch_all(c).await?;
    rows.iter()
        .map(|row| Ok((UserId(get(row, 0)?), get::<Option<String>>(row, 1)?.unwrap_or_default())))
        .collect()
}

/// Closes a conversation for this reason, or opens it again (`None`), as a moderator. The message about it names the moderator, and
/// its sender is the first member, as with a change by the product: a moderator is no member.
async fn moderate(
    c: &mut Connection,
    id: ConversationId,
    by: UserId,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<GroupChanged> {
    let moderator = accounts::by_id(c, by).await?.ok_or_else(StoreError::not_found)?.person;
    let kind = if reason.is_some() { GroupEventKind::Closed } else { GroupEventKind::Reopened };
    let event = GroupEvent { role: Some(Role::Moderator), ..GroupEvent::about(kind, vec![moderator]) };
    let closed = reason.map(str::to_owned);
    let closed_by = reason.map(|_| ClosedBy::Moderator);
    change(c, id, event, None, now, |subject| Subject { closed, closed_by, ..subject }).await
}

/// Changes the subject of a conversation in the name of this participant. `None`: the product or a moderator changes it, in the name
/// of the first member, since these are none. The event gets the subject. Nothing happens if it is so already.
async fn change(
    c: &mut Connection,
    id: ConversationId,
    event: GroupEvent,
    by: Option<Person>,
    now: Timestamp,
    alter: impl FnOnce(Subject) -> Subject,
) -> Result<GroupChanged> {
    let row =
        sqlx::query(LOOK).bind(id.0).fetch_optional(&mut *c).await?.ok_or_else(StoreError::not_found)?;
    let before = subject(&row, 0)?.ok_or_else(|| StoreError::missing("a subject"))?;
    let by_sender = by.is_some();
    let sender = by.map_or_else(|| person(&row, SUBJECT_COLUMNS), Ok)?;
    let after = alter(before.clone());
    if after == before {
        return Ok(GroupChanged::default());
    }
    let rev = counters::next_of_conversation(c, id).await?;
    sqlx::query(
        "UPDATE conversation SET subject_card = $2, closed_reason = $3, closed_by = $4 WHERE id = $1",
    )
    .bind(id.0)
    .bind(json(&crate::store::SubjectCard::of(after.clone()))?)
    .bind(&after.closed)
    .bind(after.closed_by.map(closed_by_number))
    .execute(&mut *c)
    .await?;
    let event = GroupEvent { subject: Some(Box::new(after)), by_sender, ..event };
    let message = system_message::insert(c, id, rev, sender, event, now).await?;
    Ok(GroupChanged { messages: vec![message], ..GroupChanged::default() })
}

pub(super) const OWN: &str = "SELECT max(c.id) FROM conversation c \
     JOIN member m ON m.conversation_id = c.id AND m.user_id = $3 AND m.has_left = 0 \
     WHERE c.subject_kind = $1 AND c.subject_id = $2";

/// See [`crate::store::SubjectStore::own_subject_conversation`].
pub(super) async fn own(
    c: &mut Connection,
    user: UserId,
    key: &SubjectKey,
) -> Result<Option<ConversationId>> {
    let found: Option<i64> =
        sqlx::query_scalar(OWN).bind(&key.kind).bind(&key.id).bind(user.0).fetch_one(c).await?;
    Ok(found.map(ConversationId))
}

/// See [`crate::store::SubjectStore::subject_conversations`].
pub(super) async fn of(
    c: &mut Connection,
    key: &SubjectKey,
    after: ConversationId,
    limit: usize,
) -> Result<Vec<SubjectConversation>> {
    let rows = sqlx::query(OF)
        .bind(&key.kind)
        .bind(&key.id)
        .bind(after.0)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *c)
        .await?;
    let ids = rows.iter().map(|row| get(row, SUBJECT_COLUMNS)).collect::<Result<Vec<i64>>>()?;
    let mut participants = participants(c, ids).await?;
    rows.iter()
        .map(|row| {
            let id: i64 = get(row, SUBJECT_COLUMNS)?;
            Ok(SubjectConversation {
                id: ConversationId(id),
                subject: subject(row, 0)?.ok_or_else(|| StoreError::missing("a subject"))?,
                participants: participants.remove(&id).unwrap_or_default(),
                created_at: Timestamp(get(row, SUBJECT_COLUMNS + 1)?),
            })
        })
        .collect()
}

/// The participants of these conversations with their roles, ordered by id.
pub(super) async fn participants(
    c: &mut Connection,
    ids: Vec<i64>,
) -> Result<HashMap<i64, Vec<(Person, String)>>> {
    let mut participants: HashMap<i64, Vec<(Person, String)>> = HashMap::new();
    for row in &sqlx::query(PARTICIPANTS).bind(numbers(ids)?).fetch_all(c).await? {
        let role: Option<String> = get(row, 1)?;
        participants.entry(get(row, 0)?).or_default().push((person(row, 2)?, role.unwrap_or_default()));
    }
    Ok(participants)
}
