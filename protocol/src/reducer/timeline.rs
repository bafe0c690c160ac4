//! The loaded messages of a conversation: a window of the newest messages and, while the reader is far from them, a past
//! window. One cursor holds for both.

use super::window::HistoryWindow;
use crate::limits::{PAGE, UNREAD_CAP};
use crate::{Message, MessageId, MessageType, Page, Side, UserId};
use std::sync::Arc;

/// The most loaded messages; more are trimmed.
const LOADED: usize = 300;
/// The newest messages that stay while the reader is at the end.
const AT_END: usize = 200;
/// The messages that stay on each side of the viewport.
const AROUND: usize = 100;

/// The loaded messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The newest messages.
    pub latest: HistoryWindow,
    /// The past window, which is shown if there is one.
    pub past: Option<HistoryWindow>,
    /// All changes up to here are applied.
    pub cursor: i64,
}

impl Timeline {
    /// The timeline of a page of the newest messages.
    pub(super) fn of_page(page: Page) -> Self {
        let cursor = page.as_of;
        Self { latest: HistoryWindow::of_page(page, None), past: None, cursor }
    }

    /// The shown window.
    #[must_use]
    pub fn shown(&self) -> &HistoryWindow {
        self.past.as_ref().unwrap_or(&self.latest)
    }

    /// All loaded messages, from the oldest.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Arc<Message>> {
        self.past.iter().chain([&self.latest]).flat_map(|window| window.messages.values())
    }

    /// Inserts or updates a message. True if the shown window changed.
    pub(super) fn upsert(&mut self, message: &Arc<Message>, insert: bool) -> bool {
        let latest = self.latest.upsert(message, insert);
        self.past.as_mut().map_or(latest, |past| past.upsert(message, insert))
    }

    /// Removes a message. True if the shown window changed.
    pub(super) fn remove(&mut self, id: MessageId) -> bool {
        let latest = self.latest.remove(id);
        self.past.as_mut().map_or(latest, |past| past.remove(id))
    }

    /// Replaces the newest messages. True if the shown window changed.
    pub(super) fn replace_latest(&mut self, latest: HistoryWindow) -> bool {
        let old = std::mem::replace(&mut self.latest, latest);
        let same = old.at_start == self.latest.at_start && old.messages == self.latest.messages;
        self.past.is_none() && !same
    }

    /// Whether a page on this side abuts the shown window.
    pub(super) fn abuts(&self, side: Side) -> bool {
        match side {
            Side::Before(before) => self.shown().from == before,
            Side::After(after) => self.past.as_ref().is_some_and(|past| past.to == after),
        }
    }

    /// Extends the shown window by an abutting page.
    pub(super) fn join(&mut self, page: HistoryWindow, side: Side) {
        let shown = self.past.as_mut().unwrap_or(&mut self.latest);
        match side {
            Side::Before(_) => {
                shown.from = page.from;
                shown.at_start = page.at_start;
            }
            Side::After(_) => shown.to = page.to,
        }
        shown.messages.extend_from_litemap(page.messages);
        self.meet();
    }

    /// Shows a page as the past window.
    pub(super) fn jump_to(&mut self, page: HistoryWindow) {
        self.past = Some(page);
        self.meet();
    }

    /// Merges the past window into the newest messages if they meet.
    fn meet(&mut self) {
        let Some(mut past) = self.past.take_if(|past| past.to + 1 >= self.latest.from) else { return };
        if past.from < self.latest.from {
            // In the overlap the newest messages win.
            let newer = self.latest.from;
            past.messages.retain(|seq, _| *seq < newer);
            self.latest.messages.extend_from_litemap(past.messages);
            self.latest.from = past.from;
            self.latest.at_start = past.at_start;
        }
    }

    /// Drops messages far from the viewport (first and last `seq`, or `None` at the end). True if shown ones were dropped.
    pub(super) fn trim(&mut self, viewport: Option<(i64, i64)>) -> bool {
        let off_screen = self.past.is_some() && self.latest.messages.len() > 2 * PAGE;
        if off_screen && let Some(from) = self.latest.nth_newest(PAGE - 1) {
            self.latest.cut_before(from);
        }
        let shown = self.past.as_mut().unwrap_or(&mut self.latest);
        if shown.messages.len() <= LOADED {
            return false;
        }
        let Some((first, last)) = viewport else {
            let from = shown.nth_newest(AT_END - 1);
            from.into_iter().for_each(|from| shown.cut_before(from));
            return from.is_some();
        };
        let mut went = false;
        if let Some((&from, _)) = shown.messages.iter().rev().filter(|(seq, _)| **seq < first).nth(AROUND) {
            shown.cut_before(from + 1);
            went = true;
        }
        // Cut below only if more messages go than stay as the newest, so that a gap separates the two windows.
        let mut below = shown.messages.iter().filter(|(seq, _)| **seq > last);
        let Some((&to, _)) = below.nth(AROUND - 1).filter(|_| below.count() > PAGE) else { return went };
        if let Some(past) = &mut self.past {
            past.cut_after(to);
        } else if let Some(from) = self.latest.nth_newest(PAGE - 1) {
            let mut past = self.latest.clone();
            past.cut_after(to);
            self.latest.cut_before(from);
            self.past = Some(past);
        }
        true
    }

    /// The number of unread messages after `floor`; `None` if that lies before the loaded messages.
    pub(super) fn unread(&self, floor: i64, me: UserId) -> Option<u32> {
        let past_floor = self.latest.messages.iter().rev().take_while(|(seq, _)| **seq > floor);
        let unread =
            past_floor.filter(|(_, message)| counts(message, me)).take(UNREAD_CAP as usize).count() as u32;
        let all = self.latest.at_start || self.latest.from <= floor + 1 || unread == UNREAD_CAP;
        all.then_some(unread)
    }
}

/// Whether a message counts as unread: of another person, not by the system, not deleted.
pub(super) fn counts(message: &Message, me: UserId) -> bool {
    message.sender.id != me && message.message_type == MessageType::Text && message.deleted_at.is_none()
}
