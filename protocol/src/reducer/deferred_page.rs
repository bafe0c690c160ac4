//! A page that is older than its timeline, and is deferred until the changes since are applied to it.

use super::Timeline;
use super::window::HistoryWindow;
use crate::{Changes, Message, MessageId, Page, Side};
use std::sync::Arc;

/// The placement of a page in a timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Placement {
    /// Replaces the newest messages.
    Replace,
    /// Extends the shown window on this side.
    Adjacent(Side),
    /// Becomes a window of its own, read on this side of a position, and is shown.
    Separate(Side),
}

/// A page that waits for changes.
#[derive(Clone, Debug)]
pub(super) struct DeferredPage {
    /// The messages.
    pub(super) page: HistoryWindow,
    /// The `rev` up to which changes are applied to them.
    pub(super) cursor: i64,
    pub(super) placement: Placement,
    /// The timeline's cursor when the page arrived. Later changes are applied to both, so the page is complete at this `rev`.
    until: i64,
}

impl DeferredPage {
    /// A page that arrived when the timeline's cursor was `until`.
    pub(super) fn new(page: Page, placement: Placement, until: i64) -> Self {
        let side = match placement {
            Placement::Replace => None,
            Placement::Adjacent(side) | Placement::Separate(side) => Some(side),
        };
        Self { cursor: page.as_of, page: HistoryWindow::of_page(page, side), placement, until }
    }

    /// Applies a change that the timeline applies, too.
    pub(super) fn upsert(&mut self, message: &Arc<Message>, insert: bool) {
        self.page.upsert(message, insert);
    }

    /// Removes a hidden message.
    pub(super) fn remove(&mut self, id: MessageId) {
        self.page.remove(id);
    }

    /// Whether these changes leave no gap after the page's cursor.
    pub(super) fn accepts(&self, changes: &Changes) -> bool {
        changes.after <= self.cursor
    }

    /// Advances the cursor after changes were applied.
    pub(super) fn caught_up_to(&mut self, cursor: i64) {
        self.cursor = self.cursor.max(cursor);
    }

    /// Whether it has caught up with the timeline.
    pub(super) fn is_ready(&self) -> bool {
        self.cursor >= self.until
    }

    /// Places the page in the timeline, or drops it if it no longer abuts. True if the shown window may have changed.
    pub(super) fn join(self, timeline: &mut Timeline) -> bool {
        match self.placement {
            Placement::Replace => {
                timeline.cursor = timeline.cursor.max(self.cursor);
                // Live changes past the page's cursor reached only the messages that it replaces.
                let mut page = self.page;
                timeline.latest.messages.values().for_each(|message| {
                    page.upsert(message, false);
                });
                timeline.replace_latest(page)
            }
            Placement::Adjacent(side) if timeline.abuts(side) => {
                timeline.join(self.page, side);
                true
            }
            Placement::Adjacent(_) => false,
            Placement::Separate(_) => {
                timeline.jump_to(self.page);
                true
            }
        }
    }
}
