//! A window of a conversation that was read as a page, or was part of one.

use crate::{Message, MessageId, Page, Side};
use litemap::{Entry, LiteMap};
use std::sync::Arc;

/// Messages by `seq`, complete between two places.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryWindow {
    /// The messages.
    pub messages: LiteMap<i64, Arc<Message>>,
    /// Nothing older is to be had.
    pub at_start: bool,
    /// It begins here. Not the oldest message's place: that one may have been hidden since.
    pub(super) from: i64,
    /// It ends here; the newest messages have no end.
    pub(super) to: i64,
}

impl HistoryWindow {
    /// What a page says that was read on this side of a place; `None`: the newest messages.
    pub(super) fn of_page(page: Page, side: Option<Side>) -> Self {
        let Page { messages, as_of, at_start, at_end } = page;
        let from = match (side, messages.first()) {
            _ if at_start => 0,
            (Some(Side::After(after)), _) => after + 1,
            (_, Some(oldest)) => oldest.seq,
            (Some(Side::Before(before)), None) => before,
            (None, None) => as_of + 1,
        };
        let to = match (side, messages.last()) {
            (None, _) => i64::MAX,
            (Some(Side::Before(before)), _) => as_of.min(before - 1),
            (Some(Side::After(after)), _) if at_end => as_of.max(after),
            (Some(Side::After(after)), newest) => newest.map_or(after, |newest| newest.seq),
        };
        let mut window = Self { messages: LiteMap::with_capacity(messages.len()), at_start, from, to };
        for message in messages {
            window.messages.insert(message.seq, Arc::new(message));
        }
        window
    }

    /// The places between which it is complete, themselves included.
    #[must_use]
    pub fn places(&self) -> std::ops::RangeInclusive<i64> {
        self.from..=self.to
    }

    /// Takes a message as it is now. `insert`: also when it is not held. (A live change of a message that is in the
    /// range and not held is one of a hidden message: its frame goes to all members alike.) True when something changed.
    pub(super) fn upsert(&mut self, message: &Arc<Message>, insert: bool) -> bool {
        if message.seq < self.from || message.seq > self.to {
            return false;
        }
        match self.messages.entry(message.seq) {
            Entry::Occupied(mut held) if message.rev > held.get().rev => {
                held.insert(message.clone());
                true
            }
            Entry::Vacant(place) if insert => {
                place.insert(message.clone());
                true
            }
            _ => false,
        }
    }

    /// Takes a message out; its place stays within the range. True when it was there.
    pub(super) fn remove(&mut self, id: MessageId) -> bool {
        // From the newest, since that is where people delete.
        let seq = self.messages.values().rev().find(|message| message.id == id).map(|m| m.seq);
        seq.is_some_and(|seq| self.messages.remove(&seq).is_some())
    }

    /// Keeps the messages from this place on.
    pub(super) fn cut_before(&mut self, from: i64) {
        self.messages.retain(|seq, _| *seq >= from);
        self.from = from;
        self.at_start = false;
    }

    /// Keeps the messages up to this place.
    pub(super) fn cut_after(&mut self, to: i64) {
        self.messages.retain(|seq, _| *seq <= to);
        self.to = to;
    }

    /// The place of the message that has so many newer ones loaded.
    pub(super) fn nth_newest(&self, n: usize) -> Option<i64> {
        self.messages.keys().rev().nth(n).copied()
    }
}
