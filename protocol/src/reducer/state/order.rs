//! The conversations that the reader sees, in their order, and the number of unread messages in all of them.

use super::State;
use crate::reducer::Room;
use crate::{Conversation, ListFilter};

impl State {
    /// All loaded conversations, the archived ones included, newest activity first.
    #[must_use]
    pub fn all(&self) -> Vec<&Conversation> {
        let mut all: Vec<_> = self.rooms.values().map(|room| &room.summary).collect();
        all.sort_unstable_by_key(|summary| std::cmp::Reverse((summary.last_activity(), summary.id)));
        all
    }

    /// The conversations that the reader sees: pinned ones first, in their own order, then by activity. A filter ignores the
    /// pins; that of the unread ones keeps the open conversation while it is read. Unsent messages do not count.
    #[must_use]
    pub fn list(&self) -> Vec<&Conversation> {
        let part = self.part();
        let is_read = |summary: &Conversation| {
            !summary.archived && self.opened.contains_key(&summary.id) && part.is_of_kind(summary)
        };
        let is_shown = |room: &&Room| {
            part.contains(&room.summary) || part.filter == Some(ListFilter::Unread) && is_read(&room.summary)
        };
        let mut list: Vec<_> = self.rooms.values().filter(is_shown).map(|room| &room.summary).collect();
        list.sort_unstable_by_key(|summary| {
            let pinned = summary.pinned.filter(|_| part.is_list()).unwrap_or(u32::MAX);
            (pinned, std::cmp::Reverse((summary.last_activity(), summary.id)))
        });
        list
    }

    /// The number of unread messages in all conversations, loaded or not, without the muted and the archived ones.
    #[must_use]
    pub fn unread(&self) -> u32 {
        let rooms = self.rooms.values();
        rooms.fold(self.pages.unread, |sum, room| sum.saturating_add(self.unread_of(&room.summary)))
    }

    /// Whether a conversation is muted now.
    #[must_use]
    pub fn is_muted(&self, conversation: &Conversation) -> bool {
        conversation.is_muted(self.clock)
    }

    /// The number by which a conversation counts as unread in the whole: none while it is muted or archived.
    #[must_use]
    pub fn unread_of(&self, conversation: &Conversation) -> u32 {
        let silent = conversation.archived || self.is_muted(conversation);
        if silent { 0 } else { conversation.unread.max(conversation.marked_unread.into()) }
    }
}
