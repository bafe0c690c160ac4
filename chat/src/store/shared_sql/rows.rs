//! Conversion of rows to the models of the protocol.

pub(in crate::store) use crate::store::columns::{
    MESSAGE_COLUMNS, PERSON_COLUMNS, PERSONAL_COLUMNS, SUBJECT_COLUMNS, has_draft, hidden, is_member,
    may_see, member_columns, member_columns_for_user, message_columns, names_other_request,
    partner_is_suspended, person_columns, personal_columns, subject_columns,
};

use super::{Database, Row};
use crate::store::error::{Result, StoreError};
use crate::store::{SubjectCard, SubjectKey};
use protocol::{
    ClientId, ClosedBy, ConversationId, ConversationKind, GroupEvent, History, Member, Message, MessageId,
    MessageType, NotificationLevel, Person, PersonalState, Role, Subject, Timestamp, UserId,
};
use sqlx::{Decode, Row as _, Type};

/// One column, by its index.
pub(in crate::store) fn get<'r, T: Decode<'r, Database> + Type<Database>>(
    row: &'r Row,
    at: usize,
) -> Result<T> {
    row.try_get(at).map_err(StoreError::from)
}

/// One column with a truth value. Flags are stored as numbers; the type of a comparison depends on the database.
pub(in crate::store) fn flag(row: &Row, at: usize) -> Result<bool> {
    super::dialect::truth(row, at)
}

/// A person from [`person_columns`].
pub(in crate::store) fn person(row: &Row, at: usize) -> Result<Person> {
    Ok(Person {
        id: UserId(get(row, at)?),
        username: get(row, at + 1)?,
        first_name: get(row, at + 2)?,
        last_name: get(row, at + 3)?,
        hue: get::<Option<i64>>(row, at + 4)?.and_then(|hue| u8::try_from(hue).ok()),
        suspended: flag(row, at + 5)?,
        bot: flag(row, at + 6)?,
        name_key: get(row, at + 7)?,
        picture: get(row, at + 8)?,
    })
}

/// A message from [`message_columns`].
pub(in crate::store) fn message(row: &Row, at: usize) -> Result<Message> {
    let is_system = get::<i64>(row, at + 6)? != 0;
    let client_id: &[u8] = get(row, at + 4)?;
    let client_id =
        uuid::Uuid::from_slice(client_id).map_err(|error| StoreError::Internal(error.to_string()))?;
    Ok(Message {
        id: MessageId(get(row, at)?),
        conversation_id: ConversationId(get(row, at + 1)?),
        seq: get(row, at + 2)?,
        rev: get(row, at + 3)?,
        client_id: ClientId(client_id),
        content: get(row, at + 5)?,
        message_type: if is_system { MessageType::System } else { MessageType::Text },
        timestamp: Timestamp(get(row, at + 7)?),
        edited_at: get::<Option<i64>>(row, at + 8)?.map(Timestamp),
        deleted_at: get::<Option<i64>>(row, at + 9)?.map(Timestamp),
        reply_to: get::<Option<i64>>(row, at + 10)?.map(MessageId),
        event: if is_system { event(get(row, at + 11)?)? } else { None },
        sender: person(row, at + 12)?,
    })
}

/// The event of a system message, from its JSON; `None` for a message that was stored without one.
pub(in crate::store) fn event(stored: Option<&str>) -> Result<Option<Box<GroupEvent>>> {
    let event = stored.map(serde_json::from_str).transpose();
    event.map_err(|error| StoreError::Internal(format!("the event of a system message: {error}")))
}

/// Messages, one in each row.
pub(in crate::store) fn messages(rows: &[Row]) -> Result<Vec<Message>> {
    rows.iter().map(|row| message(row, 0)).collect()
}

/// A member from [`member_columns`].
pub(in crate::store) fn member(row: &Row, at: usize) -> Result<Member> {
    Ok(Member {
        user: person(row, at)?,
        role: role(get(row, at + PERSON_COLUMNS)?),
        rev: get(row, at + PERSON_COLUMNS + 1)?,
        joined_seq: get(row, at + PERSON_COLUMNS + 2)?,
        read_seq: get(row, at + PERSON_COLUMNS + 3)?,
        delivered_seq: get(row, at + PERSON_COLUMNS + 4)?,
        left: flag(row, at + PERSON_COLUMNS + 5)?,
        subject_role: get(row, at + PERSON_COLUMNS + 6)?,
    })
}

/// The subject of a conversation from [`subject_columns`]; `None` without a subject.
pub(in crate::store) fn subject(row: &Row, at: usize) -> Result<Option<Subject>> {
    let (Some(kind), Some(id)) = (get(row, at)?, get(row, at + 1)?) else { return Ok(None) };
    let card: SubjectCard = serde_json::from_str(get(row, at + 2)?)
        .map_err(|error| StoreError::Internal(format!("the description of a subject: {error}")))?;
    let closed_by = get::<Option<i64>>(row, at + 4)?.map(closed_by);
    Ok(Some(card.subject(SubjectKey { kind, id }, get(row, at + 3)?, closed_by)))
}

/// A personal state from [`personal_columns`].
pub(in crate::store) fn personal_state(row: &Row, at: usize) -> Result<PersonalState> {
    Ok(PersonalState {
        muted_until: get::<Option<i64>>(row, at)?.map(Timestamp),
        archived: flag(row, at + 1)?,
        pinned: get::<Option<i64>>(row, at + 2)?.and_then(|place| u32::try_from(place).ok()),
        marked_unread: flag(row, at + 3)?,
        draft: get(row, at + 4)?,
        notify: notification_level(get(row, at + 5)?),
    })
}

/// Who closed a conversation from its number.
pub(in crate::store) fn closed_by(number: i64) -> ClosedBy {
    match number {
        1 => ClosedBy::Moderator,
        2 => ClosedBy::Participant,
        _ => ClosedBy::Product,
    }
}

/// The number of who closed a conversation.
pub(in crate::store) fn closed_by_number(closed_by: ClosedBy) -> i64 {
    match closed_by {
        ClosedBy::Product => 0,
        ClosedBy::Moderator => 1,
        ClosedBy::Participant => 2,
    }
}

/// A level of notifications from its number.
pub(in crate::store) fn notification_level(number: i64) -> NotificationLevel {
    match number {
        1 => NotificationLevel::All,
        2 => NotificationLevel::Mentions,
        3 => NotificationLevel::Nothing,
        _ => NotificationLevel::Default,
    }
}

/// A level of notifications as its number.
pub(in crate::store) fn notification_level_number(level: NotificationLevel) -> i64 {
    match level {
        NotificationLevel::Default => 0,
        NotificationLevel::All => 1,
        NotificationLevel::Mentions => 2,
        NotificationLevel::Nothing => 3,
    }
}

/// Members, one in each row.
pub(in crate::store) fn members(rows: &[Row]) -> Result<Vec<Member>> {
    rows.iter().map(|row| member(row, 0)).collect()
}

/// A role from its number.
pub(in crate::store) fn role(number: i64) -> Role {
    match number {
        2 => Role::Owner,
        1 => Role::Moderator,
        _ => Role::Member,
    }
}

/// A role as its number.
pub(in crate::store) fn role_number(role: Role) -> i64 {
    match role {
        Role::Member => 0,
        Role::Moderator => 1,
        Role::Owner => 2,
    }
}

/// The history that newcomers see, from its number.
pub(in crate::store) fn group_history(number: i64) -> History {
    if number == 0 { History::Whole } else { History::FromJoining }
}

/// The history that newcomers see, as its number.
pub(in crate::store) fn history_number(history: History) -> i64 {
    match history {
        History::Whole => 0,
        History::FromJoining => 1,
    }
}

/// A kind from its number.
pub(in crate::store) fn kind(number: i64) -> ConversationKind {
    if number == 0 { ConversationKind::Direct } else { ConversationKind::Group }
}

/// A kind as its number.
pub(in crate::store) fn kind_number(kind: ConversationKind) -> i64 {
    match kind {
        ConversationKind::Direct => 0,
        ConversationKind::Group => 1,
    }
}
