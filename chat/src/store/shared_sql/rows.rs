//! Conversion of rows to the models of the protocol.

pub(in crate::store) use crate::store::columns::{
    MESSAGE_COLUMNS, PERSON_COLUMNS, hidden, is_member, member_columns, message_columns,
    partner_is_suspended, person_columns,
};

use super::{Database, Row};
use crate::store::error::{Result, StoreError};
use protocol::{
    ClientId, ConversationId, ConversationKind, Member, Message, MessageId, MessageType, Person, Role,
    Timestamp, UserId,
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
        name_key: get(row, at + 6)?,
    })
}

/// A message from [`message_columns`].
pub(in crate::store) fn message(row: &Row, at: usize) -> Result<Message> {
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
        message_type: if get::<i64>(row, at + 6)? == 0 { MessageType::Text } else { MessageType::System },
        timestamp: Timestamp(get(row, at + 7)?),
        edited_at: get::<Option<i64>>(row, at + 8)?.map(Timestamp),
        deleted_at: get::<Option<i64>>(row, at + 9)?.map(Timestamp),
        reply_to: get::<Option<i64>>(row, at + 10)?.map(MessageId),
        sender: person(row, at + 11)?,
    })
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
    })
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
