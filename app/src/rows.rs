//! The rows of a conversation as they stand on screen: grouped by author, headed by day, divided at the first unread.

use crate::when::Zone;
use protocol::reducer::Row;
use protocol::{ClientId, MessageType, Timestamp, UserId};
use std::collections::HashMap;

/// Messages of one author within this time stand as one group, in microseconds.
const GROUP: i64 = 5 * 60_000_000;

/// What a row is known by, from before it is sent. A `client_id` is unique for its sender only.
pub(crate) type Key = (UserId, ClientId);

/// A row and what surrounds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// What it is known by.
    pub(crate) key: Key,
    /// The message, or the pending one.
    pub(crate) row: Row,
    /// The first of its day.
    pub(crate) new_day: bool,
    /// The first of a group: shows the name.
    pub(crate) starts: bool,
    /// The last of a group: shows time and ticks.
    pub(crate) ends: bool,
    /// The first unread one: how many follow, itself included.
    pub(crate) unread: Option<usize>,
}

/// All rows, in order and by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rows {
    /// From the top.
    pub(crate) order: Vec<Key>,
    /// Each row.
    pub(crate) entries: HashMap<Key, Entry>,
}

fn author(row: &Row, me: UserId) -> UserId {
    match row {
        Row::Message(message) => message.sender.id,
        Row::Pending(_) => me,
    }
}

fn key(row: &Row, me: UserId) -> Key {
    match row {
        Row::Message(message) => (message.sender.id, message.client_id),
        Row::Pending(pending) => (me, pending.client_id),
    }
}

fn time(row: &Row) -> Option<Timestamp> {
    match row {
        Row::Message(message) => Some(message.timestamp),
        Row::Pending(_) => None,
    }
}

fn is_system(row: &Row) -> bool {
    matches!(row, Row::Message(message) if message.message_type == MessageType::System)
}

/// Whether `next` goes on where `row` stands: same author, same day, soon after.
fn goes_on(row: &Row, next: &Row, me: UserId, zone: Zone) -> bool {
    if is_system(row) || is_system(next) || author(row, me) != author(next, me) {
        return false;
    }
    match (time(row), time(next)) {
        (Some(a), Some(b)) => b.0 - a.0 < GROUP && zone.day(a) == zone.day(b),
        _ => true,
    }
}

/// Lays the rows out. `unread_after`: the divider stands at the first message of somebody else past this `seq`.
#[must_use]
pub(crate) fn lay_out(rows: Vec<Row>, me: UserId, zone: Zone, unread_after: Option<i64>) -> Rows {
    let unread: Vec<bool> = rows
        .iter()
        .map(|row| match (row, unread_after) {
            (Row::Message(message), Some(after)) => {
                message.seq > after && message.sender.id != me && message.deleted_at.is_none()
            }
            _ => false,
        })
        .collect();
    let count = unread.iter().filter(|&&unread| unread).count();
    let divider = unread.iter().position(|&unread| unread);
    let mut laid = Rows::default();
    for (at, row) in rows.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| rows.get(at));
        let divided = divider == Some(at);
        let new_day = match (before.and_then(time), time(row)) {
            (Some(before), Some(this)) => zone.day(before) != zone.day(this),
            (None, Some(_)) => true,
            (_, None) => false,
        };
        let starts = new_day || divided || before.is_none_or(|before| !goes_on(before, row, me, zone));
        let ends =
            divider == Some(at + 1) || rows.get(at + 1).is_none_or(|next| !goes_on(row, next, me, zone));
        let key = key(row, me);
        laid.order.push(key);
        laid.entries.insert(
            key,
            Entry { key, row: row.clone(), new_day, starts, ends, unread: divided.then_some(count) },
        );
    }
    laid
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ConversationId, Message, MessageId, Person};
    use std::sync::Arc;

    const ME: UserId = UserId(1);
    const ANA: UserId = UserId(2);

    fn message(seq: i64, sender: UserId, minute: i64) -> Row {
        Row::Message(Arc::new(Message {
            id: MessageId(seq),
            conversation_id: ConversationId(1),
            seq,
            rev: seq,
            client_id: ClientId::mint(),
            sender: Person {
                id: sender,
                username: String::new(),
                first_name: String::new(),
                last_name: String::new(),
                hue: None,
            },
            content: "x".into(),
            message_type: MessageType::Text,
            timestamp: Timestamp(minute * 60_000_000),
            edited_at: None,
            deleted_at: None,
            reply_to: None,
        }))
    }

    fn flags(rows: &Rows) -> Vec<(bool, bool, bool, Option<usize>)> {
        rows.order
            .iter()
            .map(|key| {
                let entry = &rows.entries[key];
                (entry.new_day, entry.starts, entry.ends, entry.unread)
            })
            .collect()
    }

    #[test]
    fn t9_groups_by_author_within_five_minutes_and_day() {
        let rows = vec![
            message(1, ANA, 0),
            message(2, ANA, 4),
            message(3, ANA, 10),
            message(4, ME, 11),
            message(5, ME, 1_441),
        ];
        let laid = lay_out(rows, ME, Zone::Fixed(0), None);
        assert_eq!(
            flags(&laid),
            [
                (true, true, false, None),
                (false, false, true, None),
                (false, true, true, None),
                (false, true, true, None),
                (true, true, true, None),
            ]
        );
    }

    #[test]
    fn t5_the_divider_stands_at_the_first_unread_of_somebody_else() {
        let rows = vec![message(1, ANA, 0), message(2, ME, 1), message(3, ANA, 2), message(4, ANA, 3)];
        let laid = lay_out(rows, ME, Zone::Fixed(0), Some(1));
        let unread: Vec<_> = flags(&laid).into_iter().map(|(.., unread)| unread).collect();
        assert_eq!(unread, [None, None, Some(2), None]);
    }

    #[test]
    fn two_people_may_have_used_the_same_id() {
        let (one, mut two) = (message(1, ANA, 0), message(2, ME, 0));
        if let (Row::Message(one), Row::Message(two)) = (&one, &mut two) {
            Arc::make_mut(two).client_id = one.client_id;
        }
        assert_eq!(lay_out(vec![one, two], ME, Zone::Fixed(0), None).entries.len(), 2);
    }

    #[test]
    fn a_pending_row_goes_on_with_the_group() {
        let pending = r#"{"client_id": "0198a000-0000-7000-8000-000000000000", "content": "y", "reply_to": null, "state": "Waiting"}"#;
        let pending = Row::Pending(serde_json::from_str(pending).expect("a pending message"));
        let laid = lay_out(vec![message(1, ME, 0), pending], ME, Zone::Fixed(0), None);
        assert_eq!(flags(&laid), [(true, true, false, None), (false, false, true, None)]);
    }
}
