//! A page that is older than the timeline it belongs to: it waits here until the changes since are applied to it.

use super::Timeline;
use super::window::HistoryWindow;
use crate::{Changes, Message, MessageId, Page, Side};
use std::sync::Arc;

/// Where a page goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Placement {
    /// Into the timeline's place.
    Replace,
    /// To what is shown, on this side.
    Adjacent(Side),
    /// On screen, as a window of its own, read on this side of a place.
    Separate(Side),
}

/// A page on its way into a timeline.
#[derive(Clone, Debug)]
pub(super) struct DeferredPage {
    /// Its messages.
    pub(super) page: HistoryWindow,
    /// Up to here the changes are applied to them.
    pub(super) cursor: i64,
    pub(super) placement: Placement,
    /// The timeline's cursor when the page came. Changes past it reach both, so this is all that is missing.
    until: i64,
}

impl DeferredPage {
    /// A page that came when the timeline was at `until`.
    pub(super) fn new(page: Page, placement: Placement, until: i64) -> Self {
        let side = match placement {
            Placement::Replace => None,
            Placement::Adjacent(side) | Placement::Separate(side) => Some(side),
        };
        Self { cursor: page.as_of, page: HistoryWindow::of_page(page, side), placement, until }
    }

    /// A change that the timeline takes, too.
    pub(super) fn upsert(&mut self, message: &Arc<Message>, insert: bool) {
        self.page.upsert(message, insert);
    }

    /// A message was hidden.
    pub(super) fn remove(&mut self, id: MessageId) {
        self.page.remove(id);
    }

    /// Whether these changes go on where the page stands.
    pub(super) fn accepts(&self, changes: &Changes) -> bool {
        changes.after <= self.cursor
    }

    /// These changes are applied.
    pub(super) fn caught_up_to(&mut self, cursor: i64) {
        self.cursor = self.cursor.max(cursor);
    }

    /// Whether it is as new as the timeline.
    pub(super) fn is_ready(&self) -> bool {
        self.cursor >= self.until
    }

    /// Goes into the timeline; what does not abut any more is dropped. True when what is shown may have changed.
    pub(super) fn join(self, timeline: &mut Timeline) -> bool {
        match self.placement {
            Placement::Replace => {
                timeline.cursor = timeline.cursor.max(self.cursor);
                // A live change of a message that the page had not caught up with reached only what it replaces.
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
