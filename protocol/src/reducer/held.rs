//! A page that is older than the timeline it belongs to: it waits here until the changes since are applied to it.

use super::Timeline;
use crate::{Changes, Message, MessageId, Page};
use std::sync::Arc;

/// A page on its way into a timeline.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// Its messages; its cursor says up to where the changes are applied to them.
    pub(super) page: Timeline,
    /// `Some`: to be joined before the timeline that begins there. `None`: to take the timeline's place.
    before: Option<i64>,
    /// The timeline's cursor when the page came. Changes past it reach both, so this is all that is missing.
    until: i64,
}

impl Held {
    /// Older messages, to be joined before the place `before`.
    pub(super) fn older(page: Page, before: i64, until: i64) -> Self {
        let mut page = Timeline::of_page(page);
        if page.messages.is_empty() && !page.at_start {
            page.from = before;
        }
        Self { page, before: Some(before), until }
    }

    /// The newest messages, to be put in the place of what is loaded.
    pub(super) fn newest(page: Page, until: i64) -> Self {
        Self { page: Timeline::of_page(page), before: None, until }
    }

    /// A change that the timeline takes, too.
    pub(super) fn upsert(&mut self, message: &Arc<Message>, insert: bool) {
        if self.before.is_none_or(|before| message.seq < before) {
            self.page.upsert(message, insert);
        }
    }

    /// A message was hidden.
    pub(super) fn remove(&mut self, id: MessageId) {
        self.page.remove(id);
    }

    /// Whether these changes go on where the page stands.
    pub(super) fn wants(&self, changes: &Changes) -> bool {
        changes.after <= self.page.cursor
    }

    /// These changes are applied.
    pub(super) fn caught_up_to(&mut self, cursor: i64) {
        self.page.cursor = self.page.cursor.max(cursor);
    }

    /// Whether it is as new as the timeline.
    pub(super) fn is_ready(&self) -> bool {
        self.page.cursor >= self.until
    }

    /// Goes into the timeline; true when it was a page of older messages. What does not abut is dropped.
    pub(super) fn join(self, timeline: &mut Timeline) -> bool {
        match self.before {
            None => {
                let cursor = timeline.cursor.max(self.page.cursor);
                let old = std::mem::replace(timeline, Timeline { cursor, ..self.page });
                // A live change of a message that the page had not caught up with reached only what it replaces.
                old.messages.values().for_each(|message| timeline.upsert(message, false));
                false
            }
            Some(before) if before == timeline.from => {
                timeline.from = self.page.from;
                timeline.at_start = self.page.at_start;
                timeline.messages.extend(self.page.messages);
                true
            }
            Some(_) => false,
        }
    }
}
