//! The list of conversations in pages: the first comes with each `sync`, further ones when the reader wants them. A filter has
//! pages of its own, all of which are requested.
//!
//! Above [`ListPages::end`] the list is complete. A conversation that this client has and that the first page does not contain
//! is behind it or gone: its page tells, and is requested without the reader. The server orders all pages by the activity
//! as of the first one, so that such a conversation is on one of them however it moves meanwhile. One that is behind the
//! loaded part of the list is here for a filter's sake, and is confirmed by the pages of the filter.

use super::State;
use crate::{
    ClientFrame, Conversation, ConversationId, ListFilter, ListPage, ListPart, ListPosition, Timestamp,
};
use litemap::LiteMap;

/// The loaded part of the list, or of a filter.
#[derive(Clone, Debug)]
pub(in crate::reducer) struct ListPages {
    /// The part of the conversations.
    pub(super) part: ListPart,
    /// The first page is to be requested; that of the list comes with a `sync`.
    begins: bool,
    /// The end of the loaded pages; `None`: all are loaded.
    pub(in crate::reducer) end: Option<ListPosition>,
    /// The number of unread messages in conversations behind it that are not loaded.
    pub(in crate::reducer) unread: u32,
    /// The conversations that the server has not confirmed since the last `sync`, with their activity then, if the server
    /// cannot have had an older one.
    unconfirmed: LiteMap<ConversationId, Option<Timestamp>>,
    /// The reader wants the next page.
    wanted: bool,
    /// The place of a request in flight.
    in_flight: Option<Option<ListPosition>>,
}

impl ListPages {
    pub(in crate::reducer) fn new() -> Self {
        let unconfirmed = LiteMap::new_vec();
        Self {
            part: ListPart::default(),
            begins: false,
            end: None,
            unread: 0,
            unconfirmed,
            wanted: false,
            in_flight: None,
        }
    }

    /// The pages of a filter, of which none is loaded.
    fn of(part: ListPart) -> Self {
        Self { part, begins: true, ..Self::new() }
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

    /// Whether all pages are loaded.
    fn is_complete(&self) -> bool {
        self.end.is_none() && !self.begins
    }

    /// Whether a conversation is above the end.
    fn reaches(&self, conversation: &Conversation) -> bool {
        self.end.is_none_or(|end| end.is_after(conversation.last_activity(), conversation.id))
    }

    /// The request for the next page, if it is necessary and not in flight.
    pub(in crate::reducer) fn need(&mut self) -> Option<ClientFrame> {
        let after = self.end.filter(|_| !self.begins);
        let necessary = self.begins || self.wanted || !self.unconfirmed.is_empty();
        if self.is_complete() || !necessary || self.in_flight == Some(after) {
            return None;
        }
        self.in_flight = Some(after);
        let ListPart { filter, subject_kind } = self.part.clone();
        Some(ClientFrame::List { after, filter, subject_kind })
    }

    /// Takes the answer to a request; true if it is the next page. An answer for an earlier list is dropped.
    fn accepts(&mut self, page: &ListPage, user_seen: i64) -> bool {
        self.in_flight.take_if(|asked| *asked == page.after);
        let expected = self.end.filter(|_| !self.begins);
        // From a snapshot before a change of the person that is already known: it is requested again.
        if page.user_rev < user_seen || self.is_complete() || page.after != expected {
            return false;
        }
        (self.wanted, self.begins) = (false, false);
        true
    }

    /// The unconfirmed conversations that would be above this place.
    fn gone(&self, end: Option<ListPosition>) -> Vec<ConversationId> {
        let passed = |id: ConversationId, activity: &Option<Timestamp>| match (end, activity) {
            (None, _) => true,
            (Some(end), Some(activity)) => end.is_after(*activity, id),
            (Some(_), None) => false,
        };
        self.unconfirmed.iter().filter(|(id, at)| passed(**id, at)).map(|(id, _)| *id).collect()
    }
}

impl State {
    /// The pages that the reader looks at.
    fn shown_pages(&self) -> &ListPages {
        self.filtered.as_ref().unwrap_or(&self.pages)
    }

    /// The part of the conversations that [`State::list`] shows.
    #[must_use]
    pub fn part(&self) -> &ListPart {
        &self.shown_pages().part
    }

    /// The filter of [`State::list`] by state; `None`: all that are not archived.
    #[must_use]
    pub fn filter(&self) -> Option<ListFilter> {
        self.part().filter
    }

    /// Filters [`State::list`] by state, within its kind of subjects, and requests the first page.
    pub fn set_filter(&mut self, filter: Option<ListFilter>) -> Vec<super::Need> {
        self.show(ListPart { filter, ..self.part().clone() })
    }

    /// Filters [`State::list`] by the kind of the subjects, within its state, and requests the first page.
    pub fn set_subject_kind(&mut self, subject_kind: Option<String>) -> Vec<super::Need> {
        self.show(ListPart { subject_kind, ..self.part().clone() })
    }

    /// Shows this part in [`State::list`], and requests its first page.
    pub fn show(&mut self, part: ListPart) -> Vec<super::Need> {
        if *self.part() != part {
            self.filtered = (!part.is_list()).then(|| ListPages::of(part));
            self.touched.list = true;
            self.reorder = true;
        }
        self.needs()
    }

    /// Whether all of the list, or of the filter, is loaded.
    #[must_use]
    pub fn list_is_complete(&self) -> bool {
        self.shown_pages().is_complete()
    }

    /// The place behind the loaded part of the list, or of the filter; `None` if nothing of it is loaded, or all.
    #[must_use]
    pub fn list_end(&self) -> Option<ListPosition> {
        self.shown_pages().end
    }

    /// The place behind the loaded part of the list, whatever the filter; `None` if it is complete.
    #[must_use]
    pub fn rest_of_list(&self) -> Option<ListPosition> {
        self.pages.end
    }

    /// Requests the next page of the list, whatever the filter, if there is one.
    pub fn load_rest(&mut self) -> Vec<super::Need> {
        self.pages.wanted = self.pages.end.is_some();
        self.needs()
    }

    /// Requests the next page of the list, or of the filter, if there is one.
    pub fn load_list(&mut self) -> Vec<super::Need> {
        let pages = self.filtered.as_mut().unwrap_or(&mut self.pages);
        pages.wanted = !pages.is_complete();
        self.needs()
    }

    /// The first page of the list begins; `known` tells which conversations it contains. The others are to be confirmed.
    pub(in crate::reducer) fn list_begins(&mut self, known: &LiteMap<ConversationId, ()>) {
        let before = std::mem::replace(&mut self.pages.unconfirmed, LiteMap::new_vec());
        if let Some(filtered) = &mut self.filtered {
            self.touched.list |= filtered.end.is_some() || !filtered.begins;
            *filtered = ListPages::of(std::mem::take(&mut filtered.part));
        }
        let mut dropped = Vec::new();
        for (id, room) in &self.rooms {
            if known.contains_key(id) {
                continue;
            }
            let unchanged = room.in_flight.list == Some(room.summary.rev);
            let activity = unchanged.then(|| room.summary.last_activity());
            let is_in_list = !room.summary.archived
                && (before.contains_key(id)
                    || room.summary.pinned.is_some()
                    || self.pages.reaches(&room.summary));
            match &mut self.filtered {
                _ if is_in_list => drop(self.pages.unconfirmed.insert(*id, activity)),
                Some(filtered) => drop(filtered.unconfirmed.insert(*id, activity)),
                None => dropped.push(*id),
            }
        }
        dropped.into_iter().for_each(|id| self.leave(id));
    }

    /// The list is loaded up to a place: conversations that would be before it are gone.
    pub(in crate::reducer) fn list_ends(&mut self, end: Option<ListPosition>, unread_after: u32) {
        self.pages.gone(end).into_iter().for_each(|id| self.leave(id));
        self.touched.list |= self.pages.end != end;
        self.pages.end = end;
        // Those that are loaded count for themselves; those of a filter when its page comes.
        let filtered = self.filtered.as_ref();
        let loaded = self.rooms.iter().filter(|(id, room)| {
            self.is_behind(&room.summary) && !filtered.is_some_and(|filtered| filtered.lacks(**id))
        });
        let loaded = loaded.fold(0, |sum: u32, (_, room)| sum.saturating_add(self.unread_of(&room.summary)));
        let unread = unread_after.saturating_sub(loaded);
        self.touched.list |= self.pages.unread != unread;
        self.pages.unread = unread;
    }

    /// Whether the server counts a conversation among those behind the end of the list.
    fn is_behind(&self, conversation: &Conversation) -> bool {
        conversation.pinned.is_none() && !self.pages.reaches(conversation)
    }

    /// A page of the list, or of the filter.
    pub(in crate::reducer) fn list_page(&mut self, page: ListPage) {
        let seen = self.user_seen;
        if page.filter.is_some() || page.subject_kind.is_some() {
            return self.filtered_page(page, seen);
        }
        if !self.pages.accepts(&page, seen) {
            return;
        }
        for conversation in page.conversations {
            let id = conversation.id;
            self.check_entry_for_rollback(&conversation);
            self.enter(conversation);
            self.confirmed(id);
        }
        self.list_ends(page.next, page.unread_after);
    }

    fn filtered_page(&mut self, page: ListPage, seen: i64) {
        let is_of = |part: &ListPart| part.filter == page.filter && part.subject_kind == page.subject_kind;
        let Some(filtered) = self.filtered.as_mut().filter(|filtered| is_of(&filtered.part)) else {
            return;
        };
        if !filtered.accepts(&page, seen) {
            return;
        }
        for conversation in page.conversations {
            let id = conversation.id;
            let is_new = !self.rooms.contains_key(&id);
            self.enter(conversation);
            if is_new {
                self.counts_for_itself(id);
            }
            self.confirmed(id);
        }
        let Some(filtered) = &mut self.filtered else { return };
        self.touched.list |= filtered.end != page.next || page.after.is_none();
        filtered.end = page.next;
        filtered.gone(page.next).into_iter().for_each(|id| self.leave(id));
    }

    /// The server has this conversation, as it is here.
    pub(in crate::reducer) fn confirmed(&mut self, id: ConversationId) {
        if self.filtered.as_ref().is_some_and(|filtered| filtered.lacks(id)) {
            self.counts_for_itself(id);
        }
        self.no_longer_lacks(id);
    }

    /// Forgets that the server's row of this conversation is still to come.
    pub(in crate::reducer) fn no_longer_lacks(&mut self, id: ConversationId) {
        self.pages.left(id);
        self.filtered.iter_mut().for_each(|filtered| filtered.left(id));
    }

    /// A conversation behind the end of the list is loaded for the filter: it leaves the number of those that are not.
    fn counts_for_itself(&mut self, id: ConversationId) {
        let room = self.rooms.get(&id).filter(|room| self.is_behind(&room.summary));
        let unread = room.map_or(0, |room| self.unread_of(&room.summary)).min(self.pages.unread);
        self.pages.unread -= unread;
        self.touched.list |= unread > 0;
    }

    /// The requests for the next pages of the list and of the filter, as far as they are necessary and not in flight.
    pub(in crate::reducer) fn missing_list_pages(&mut self) -> impl Iterator<Item = ClientFrame> {
        let filtered = self.filtered.as_mut().and_then(ListPages::need);
        self.pages.need().into_iter().chain(filtered)
    }

    /// Whether the server's row of this conversation is still to come.
    pub(in crate::reducer) fn lacks(&self, id: ConversationId) -> bool {
        self.pages.lacks(id) || self.filtered.as_ref().is_some_and(|filtered| filtered.lacks(id))
    }
}
