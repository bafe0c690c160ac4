//! The loaded stretch of a conversation: always the newest messages, back to somewhere.

use crate::limits::UNREAD_CAP;
use crate::{Message, MessageId, MessageType, Page, UserId};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// Messages by `seq`, complete between the oldest one and the newest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The loaded messages.
    pub messages: BTreeMap<i64, Arc<Message>>,
    /// All changes up to here are applied.
    pub cursor: i64,
    /// Nothing older is to be had.
    pub at_start: bool,
    /// The range begins here. Not the oldest message's place: that one may have been hidden since.
    pub(super) from: i64,
}

impl Timeline {
    /// What a page of the newest messages says.
    pub(super) fn of_page(page: Page) -> Self {
        let from = match page.messages.first() {
            _ if page.at_start => 0,
            Some(oldest) => oldest.seq,
            None => page.as_of + 1,
        };
        let messages = page.messages.into_iter().map(|message| (message.seq, Arc::new(message))).collect();
        Self { messages, cursor: page.as_of, at_start: page.at_start, from }
    }

    /// Takes a message as it is now. `insert`: also when it is not held. (A live change of a message that is in the
    /// range and not held is one of a hidden message: its frame goes to all members alike.)
    pub(super) fn upsert(&mut self, message: &Arc<Message>, insert: bool) {
        if message.seq < self.from {
            return;
        }
        match self.messages.entry(message.seq) {
            Entry::Occupied(mut held) if message.rev > held.get().rev => {
                held.insert(message.clone());
            }
            Entry::Vacant(place) if insert => {
                place.insert(message.clone());
            }
            _ => {}
        }
    }

    /// Takes a message out; its place stays within the range.
    pub(super) fn remove(&mut self, id: MessageId) {
        // From the newest, since that is where people delete.
        if let Some(seq) = self.messages.values().rev().find(|message| message.id == id).map(|m| m.seq) {
            self.messages.remove(&seq);
        }
    }

    /// How many messages count as unread past `floor`; `None` when that lies before the range.
    pub(super) fn unread(&self, floor: i64, me: UserId) -> Option<u32> {
        let unread = self.messages.range(floor + 1..).filter(|(_, message)| counts(message, me));
        let unread = unread.take(UNREAD_CAP as usize).count() as u32;
        (self.at_start || self.from <= floor + 1 || unread == UNREAD_CAP).then_some(unread)
    }
}

/// Whether a message is one that its reader wants to be told of: another's, written, and still there.
pub(super) fn counts(message: &Message, me: UserId) -> bool {
    message.sender.id != me && message.message_type == MessageType::Text && message.deleted_at.is_none()
}
