//! A window of the history of a conversation.

use crate::{Message, MessageId, Page, Side};
use litemap::{Entry, LiteMap};
use std::sync::Arc;

/// Messages by `seq`, complete between two positions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryWindow {
    /// The messages.
    pub messages: LiteMap<i64, Arc<Message>>,
    /// Whether there are no older messages.
    pub at_start: bool,
    /// The first complete `seq`. It may be lower than that of the oldest message, which may have been hidden since.
    pub(super) from: i64,
    /// The last complete `seq`; `i64::MAX` for the newest messages.
    pub(super) to: i64,
}

impl HistoryWindow {
    /// The window of a page that was read on this side of a position; `None`: of the newest messages.
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

    /// The positions for which it is complete.
    #[must_use]
    pub fn places(&self) -> std::ops::RangeInclusive<i64> {
        self.from..=self.to
    }

    /// Updates a message, or inserts it if `insert` is set. Live changes of older messages are not inserted: a message that is
    /// in range and absent is hidden from this person. True if the window changed.
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

    /// Removes a message; the range stays. True if it was there.
    pub(super) fn remove(&mut self, id: MessageId) -> bool {
        // From the newest, which are deleted most often.
        let seq = self.messages.values().rev().find(|message| message.id == id).map(|m| m.seq);
        seq.is_some_and(|seq| self.messages.remove(&seq).is_some())
    }

    /// Drops the messages before `from`.
    pub(super) fn cut_before(&mut self, from: i64) {
        self.messages.retain(|seq, _| *seq >= from);
        self.from = from;
        self.at_start = false;
    }

    /// Drops the messages after `to`.
    pub(super) fn cut_after(&mut self, to: i64) {
        self.messages.retain(|seq, _| *seq <= to);
        self.to = to;
    }

    /// The `seq` of the message with `n` newer ones.
    pub(super) fn nth_newest(&self, n: usize) -> Option<i64> {
        self.messages.keys().rev().nth(n).copied()
    }
}
