//! Rows as the wire's models.

use super::fault;
use crate::Result;
use protocol::{
    ClientId, ConversationId, ConversationKind, Member, Message, MessageId, MessageType, Person, Role,
    Timestamp, UserId,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};

/// The columns of an account by this alias, for [`person`].
macro_rules! person_columns {
    ($alias:literal) => {
        concat!(
            $alias,
            ".id, ",
            $alias,
            ".username, ",
            $alias,
            ".first_name, ",
            $alias,
            ".last_name, ",
            $alias,
            ".hue"
        )
    };
}

/// How many these are.
pub(super) const PERSON_COLUMNS: usize = 5;

/// The columns of a message `m` and its sender `a`, for [`message`].
macro_rules! message_columns {
    () => {
        concat!(
            "m.id, m.conversation_id, m.seq, m.rev, m.client_id, m.content, m.message_type, m.created_at, \
             m.edited_at, m.deleted_at, m.reply_to, ",
            $crate::store::sqlite::rows::person_columns!("a")
        )
    };
}

/// How many these are.
pub(super) const MESSAGE_COLUMNS: usize = 11 + PERSON_COLUMNS;

/// The columns of a member `o` and their account `a`, for [`member`].
macro_rules! member_columns {
    () => {
        concat!(
            $crate::store::sqlite::rows::person_columns!("a"),
            ", o.role, o.rev, o.joined_seq, o.read_seq, o.delivered_seq, o.has_left"
        )
    };
}

/// True where the asker `?1` has hidden the message of this alias.
macro_rules! hidden {
    ($alias:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM hidden h WHERE h.user_id = ?1 AND h.message_id = ",
            $alias,
            ".id AND h.hidden = 1)"
        )
    };
}

/// The highest id that a message has or had; asked within a transaction that writes, the next ones are free.
macro_rules! last_message_id {
    () => {
        "(SELECT max(coalesce((SELECT max(id) FROM message), 0), (SELECT message_id FROM erased)))"
    };
}

pub(super) use {hidden, last_message_id, member_columns, message_columns, person_columns};

/// One column, by its place.
pub(super) fn get<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(row: &'r SqliteRow, at: usize) -> Result<T> {
    row.try_get(at).map_err(fault)
}

/// A person from [`person_columns`].
pub(super) fn person(row: &SqliteRow, at: usize) -> Result<Person> {
    Ok(Person {
        id: UserId(get(row, at)?),
        username: get(row, at + 1)?,
        first_name: get(row, at + 2)?,
        last_name: get(row, at + 3)?,
        hue: get(row, at + 4)?,
    })
}

/// A message from [`message_columns`].
pub(super) fn message(row: &SqliteRow, at: usize) -> Result<Message> {
    let client_id: &[u8] = get(row, at + 4)?;
    let client_id =
        uuid::Uuid::from_slice(client_id).map_err(|error| crate::Error::Internal(error.to_string()))?;
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

/// Messages, one a row.
pub(super) fn messages(rows: &[SqliteRow]) -> Result<Vec<Message>> {
    rows.iter().map(|row| message(row, 0)).collect()
}

/// A member from [`member_columns`].
pub(super) fn member(row: &SqliteRow, at: usize) -> Result<Member> {
    Ok(Member {
        user: person(row, at)?,
        role: role(get(row, at + PERSON_COLUMNS)?),
        rev: get(row, at + PERSON_COLUMNS + 1)?,
        joined_seq: get(row, at + PERSON_COLUMNS + 2)?,
        read_seq: get(row, at + PERSON_COLUMNS + 3)?,
        delivered_seq: get(row, at + PERSON_COLUMNS + 4)?,
        left: get(row, at + PERSON_COLUMNS + 5)?,
    })
}

/// Members, one a row.
pub(super) fn members(rows: &[SqliteRow]) -> Result<Vec<Member>> {
    rows.iter().map(|row| member(row, 0)).collect()
}

/// A role from its number.
pub(super) fn role(number: i64) -> Role {
    match number {
        2 => Role::Owner,
        1 => Role::Moderator,
        _ => Role::Member,
    }
}

/// A role as its number.
pub(super) fn role_number(role: Role) -> i64 {
    match role {
        Role::Member => 0,
        Role::Moderator => 1,
        Role::Owner => 2,
    }
}

/// A kind from its number.
pub(super) fn kind(number: i64) -> ConversationKind {
    if number == 0 { ConversationKind::Direct } else { ConversationKind::Group }
}

/// A kind as its number.
pub(super) fn kind_number(kind: ConversationKind) -> i64 {
    match kind {
        ConversationKind::Direct => 0,
        ConversationKind::Group => 1,
    }
}

/// Bytes for SQLite's `unhex`, since JSON carries no bytes.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*bytes).simple().to_string()
}

/// JSON for SQLite's `json_each`.
pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| crate::Error::Internal(error.to_string()))
}

/// What SQLite's `json_group_array` answers.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| crate::Error::Internal(error.to_string()))
}
