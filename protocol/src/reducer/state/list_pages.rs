//! The list of conversations in pages: the first comes with each `sync`, further ones when the reader wants them.
//!
//! Above [`ListPages::end`] the list is complete. A conversation that this client has and that the first page does not contain
//! is behind it or gone: its page tells, and is requested without the reader. The server orders all pages by the activity
//! as of the first one, so that such a conversation is on one of them however it moves meanwhile.

use super::State;
use crate::{ClientFrame, ConversationId, ListPage, ListPosition, Timestamp};
use litemap::LiteMap;

/// The loaded part of the list.
#[derive(Clone, Debug)]
pub(in crate::reducer) struct ListPages {
    /// The end of the loaded pages; `None`: the list is complete.
    pub(in crate::reducer) end: Option<ListPosition>,
    /// The number of unread messages in conversations behind it that are not loaded.
    pub(in crate::reducer) unread: u32,
    /// The conversations that the server has not confirmed since the last `sync`, with their activity then, if the server
    /// cannot have had an older one.
    unconfirmed: LiteMap<ConversationId, Option<Timestamp>>,
    /// The reader wants the next page.
    wanted: bool,
    /// The place of a request in flight.
    in_flight: Option<ListPosition>,
}

impl ListPages {
    pub(in crate::reducer) fn new() -> Self {
        Self { end: None, unread: 0, unconfirmed: LiteMap::new_vec(), wanted: false, in_flight: None }
    }

    /// Whether the server's row of this conversation is still to come.
    pub(in crate::reducer) fn lacks(&self, id: ConversationId) -> bool {
        self.unconfirmed.contains_key(&id)
    }

    pub(in crate::reducer) fn left(&mut self, id: ConversationId) {
        self.unconfirmed.remove(&id);
    }

    /// Requests may be made again.
    pub(in crate::reducer) fn forget_requests(&mut self) {
        self.in_flight = None;
    }

    /// The request for the next page, if it is necessary and not in flight.
    pub(in crate::reducer) fn need(&mut self) -> Option<ClientFrame> {
        let after = self.end.filter(|end| self.in_flight != Some(*end))?;
        if !self.wanted && self.unconfirmed.is_empty() {
            return None;
        }
        self.in_flight = Some(after);
        Some(ClientFrame::List { after })
    }
}

impl State {
    /// Whether the whole list is loaded.
    #[must_use]
    pub fn list_is_complete(&self) -> bool {
        self.pages.end.is_none()
    }

    /// The place behind the loaded part of the list; `None` if it is complete.
    #[must_use]
    pub fn list_end(&self) -> Option<ListPosition> {
        self.pages.end
    }

    /// Requests the next page of the list, if there is one.
    pub fn load_list(&mut self) -> Vec<super::Need> {
        self.pages.wanted = self.pages.end.is_some();
        self.needs()
    }

    /// The first page of the list begins; `known` tells which conversations it contains. The others are to be confirmed.
    pub(in crate::reducer) fn list_begins(&mut self, known: &LiteMap<ConversationId, ()>) {
        self.pages.unconfirmed = LiteMap::new_vec();
        for (id, room) in &self.rooms {
            if !known.contains_key(id) {
                let unchanged = room.in_flight.list == Some(room.summary.rev);
                let activity = unchanged.then(|| room.summary.last_activity());
                self.pages.unconfirmed.insert(*id, activity);
            }
        }
    }

    /// The list is loaded up to a place: conversations that would be before it are gone.
    pub(in crate::reducer) fn list_ends(&mut self, end: Option<ListPosition>, unread_after: u32) {
        let passed = |id: ConversationId, activity: &Option<Timestamp>| match (end, activity) {
            (None, _) => true,
            (Some(end), Some(activity)) => end.is_after(*activity, id),
            (Some(_), None) => false,
        };
        let unconfirmed = self.pages.unconfirmed.iter();
        let gone: Vec<_> = unconfirmed.filter(|(id, at)| passed(**id, at)).map(|(id, _)| *id).collect();
        gone.into_iter().for_each(|id| self.leave(id));
        // Those that are loaded count for themselves.
        let behind = self
            .rooms
            .iter()
            .filter(|(id, room)| end.is_some_and(|end| !end.is_after(room.summary.last_activity(), **id)));
        let loaded = behind.fold(0, |sum: u32, (_, room)| sum.saturating_add(room.summary.unread));
        let unread = unread_after.saturating_sub(loaded);
        self.touched.list |= self.pages.end != end || self.pages.unread != unread;
        self.pages.end = end;
        self.pages.unread = unread;
    }

    /// A page of the list.
    pub(in crate::reducer) fn list_page(&mut self, page: ListPage) {
        let ListPage { user_rev, after, conversations, next, unread_after } = page;
        self.pages.in_flight.take_if(|asked| *asked == after);
        // From a snapshot before a change of the person that is already known, or for an earlier list: it is requested again.
        if user_rev < self.user_seen || self.pages.end != Some(after) {
            return;
        }
        self.pages.wanted = false;
        for conversation in conversations {
            self.pages.left(conversation.id);
            self.check_entry_for_rollback(&conversation);
            self.enter(conversation);
        }
        self.list_ends(next, unread_after);
    }
}
