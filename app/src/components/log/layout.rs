//! Layout of the log: rows grouped by author, headed by day, divided at the first unread message.

use super::ticks::Progress;
use crate::datetime::Zone;
use protocol::reducer::{Room, Row, State};
use protocol::{ClientId, ConversationId, Message, MessageType, Timestamp, UserId};
use std::sync::Arc;

/// Messages of one author within this time form a group, in microseconds.
const GROUP: i64 = 5 * 60_000_000;

/// Key of a row, which it has from before it is sent. A `client_id` is unique for its sender only.
pub(crate) type Key = (UserId, ClientId);

/// Item of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Item {
    /// Heading of a day, by its number in the reader's time zone.
    Day(i64),
    /// A message.
    Row(Key),
}

/// A message of the log with its place among the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Key of the row.
    pub(crate) key: Key,
    /// The message, or the pending one.
    pub(crate) row: Row,
    /// Progress of an own message.
    pub(crate) progress: Progress,
    /// First of a group: shows the author's name.
    pub(crate) starts: bool,
    /// Last of a group: shows time and ticks.
    pub(crate) ends: bool,
    /// At the first unread message: the number of unread ones, itself included.
    pub(crate) unread: Option<u32>,
}

impl Entry {
    /// The message, once the server has it.
    pub(crate) fn message(&self) -> Option<&Message> {
        match &self.row {
            Row::Message(message) => Some(message),
            Row::Pending(_) => None,
        }
    }

    /// The message as it is shared with the state.
    pub(super) fn shared_message(&self) -> Option<Arc<Message>> {
        match &self.row {
            Row::Message(message) => Some(message.clone()),
            Row::Pending(_) => None,
        }
    }
}

/// The whole log, from the top.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    /// Items in order.
    pub(crate) items: Vec<Item>,
    /// The messages among them.
    pub(crate) entries: Vec<Entry>,
}

/// Facts of a row that the layout depends on.
struct Facts {
    key: Key,
    system: bool,
    at: Option<Timestamp>,
    day: Option<i64>,
    unread: bool,
}

fn facts(row: &Row, me: UserId, zone: Zone, unread_after: Option<i64>) -> Facts {
    match row {
        Row::Message(message) => Facts {
            key: (message.sender.id, message.client_id),
            system: message.message_type == MessageType::System,
            at: Some(message.timestamp),
            day: Some(zone.day(message.timestamp)),
            unread: unread_after.is_some_and(|after| message.seq > after)
                && message.sender.id != me
                && message.message_type == MessageType::Text
                && message.deleted_at.is_none(),
        },
        Row::Pending(pending) => {
            Facts { key: (me, pending.client_id), system: false, at: None, day: None, unread: false }
        }
    }
}

/// Whether `next` continues the group of `this`: same author, same day, soon after.
fn continues_group(this: &Facts, next: &Facts) -> bool {
    if this.system || next.system || this.key.0 != next.key.0 {
        return false;
    }
    match (this.at, next.at) {
        (Some(a), Some(b)) => b.0 - a.0 < GROUP && this.day == next.day,
        _ => true,
    }
}

/// Lays out the messages on screen of a conversation. `unread_after`: the divider stands at the first message of somebody
/// else past this `seq`.
#[must_use]
pub(crate) fn lay_out(state: &State, id: ConversationId, zone: Zone, unread_after: Option<i64>) -> Layout {
    arrange(state.rows(id), state.rooms.get(&id), state.me.id, zone, unread_after)
}

fn arrange(rows: Vec<Row>, room: Option<&Room>, me: UserId, zone: Zone, unread_after: Option<i64>) -> Layout {
    let all: Vec<Facts> = rows.iter().map(|row| facts(row, me, zone, unread_after)).collect();
    let divider = all.iter().position(|facts| facts.unread);
    let count = u32::try_from(all.iter().filter(|facts| facts.unread).count()).unwrap_or(u32::MAX);
    let mut layout =
        Layout { items: Vec::with_capacity(rows.len() + 8), entries: Vec::with_capacity(rows.len()) };
    let mut day = None;
    for (at, row) in rows.into_iter().enumerate() {
        let this = &all[at];
        // If the server's clock went back, no day gets a second heading.
        let new_day = this.day.filter(|_| this.day > day);
        if let Some(number) = new_day {
            day = new_day;
            layout.items.push(Item::Day(number));
        }
        let before = at.checked_sub(1).map(|at| &all[at]);
        let divided = divider == Some(at);
        let starts =
            new_day.is_some() || divided || before.is_none_or(|before| !continues_group(before, this));
        let ends = divider == Some(at + 1) || all.get(at + 1).is_none_or(|next| !continues_group(this, next));
        layout.items.push(Item::Row(this.key));
        let progress = Progress::of(&row, room, me);
        let unread = divided.then_some(count);
        layout.entries.push(Entry { key: this.key, row, progress, starts, ends, unread });
    }
    layout
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{MessageId, Person};
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
                suspended: false,
                bot: false,
                name_key: None,
                picture: None,
            },
            content: "x".into(),
            message_type: MessageType::Text,
            timestamp: Timestamp(minute * 60_000_000),
            edited_at: None,
            deleted_at: None,
            reply_to: None,
            event: None,
        }))
    }

    fn flags(layout: &Layout) -> Vec<(bool, bool, bool, Option<u32>)> {
        let new_day = |entry: &Entry| {
            let at = layout.items.iter().position(|item| *item == Item::Row(entry.key)).expect("is in order");
            at > 0 && matches!(layout.items[at - 1], Item::Day(_))
        };
        layout.entries.iter().map(|entry| (new_day(entry), entry.starts, entry.ends, entry.unread)).collect()
    }

    fn lay_out(rows: Vec<Row>, unread_after: Option<i64>) -> Layout {
        arrange(rows, None, ME, Zone::Fixed(0), unread_after)
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
        let layout = lay_out(rows, None);
        assert_eq!(
            flags(&layout),
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
        let layout = lay_out(rows, Some(1));
        let unread: Vec<_> = flags(&layout).into_iter().map(|(.., unread)| unread).collect();
        assert_eq!(unread, [None, None, Some(2), None]);
    }

    #[test]
    fn two_people_may_have_used_the_same_id() {
        let (one, mut two) = (message(1, ANA, 0), message(2, ME, 0));
        if let (Row::Message(one), Row::Message(two)) = (&one, &mut two) {
            Arc::make_mut(two).client_id = one.client_id;
        }
        assert_eq!(lay_out(vec![one, two], None).entries.len(), 2);
    }

    #[test]
    fn a_pending_row_goes_on_with_the_group() {
        let pending = r#"{"client_id": "0198a000-0000-7000-8000-000000000000", "content": "y", "reply_to": null, "state": "Waiting"}"#;
        let pending = Row::Pending(serde_json::from_str(pending).expect("a pending message"));
        let layout = lay_out(vec![message(1, ME, 0), pending], None);
        assert_eq!(flags(&layout), [(true, true, false, None), (false, false, true, None)]);
    }
}
