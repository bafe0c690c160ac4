//! The person's own state of conversations: archived, pinned, muted, marked as unread, with a draft.

use super::State;
use crate::reducer::Room;
use crate::{ConversationId, MembershipUpdated, PersonalState, Timestamp};
use litemap::LiteMap;

impl State {
    /// Sets the time, by which mutings end.
    pub fn set_clock(&mut self, now: Timestamp) {
        let before = std::mem::replace(&mut self.clock, now);
        for (_, room) in &mut self.rooms {
            room.touched.parts.own |= room.summary.is_muted(before) != room.summary.is_muted(now);
        }
        self.follow_changed_rooms();
    }

    /// The person's own state of a conversation changed, on this device or on another.
    pub(in crate::reducer) fn personal_changed(&mut self, updated: MembershipUpdated) {
        let id = updated.conversation_id;
        let was_archived = self.archived.contains_key(&id);
        let counts = updated.marked_unread || self.pages.unread > 0;
        self.note_archived(id, updated.archived);
        match self.rooms.get_mut(&id) {
            Some(room) => {
                room.set_personal(updated.into_state());
                // Later pages leave out what is pinned or archived by now.
                self.confirmed(id);
            }
            // Its row may be above the end of the list now, or may count otherwise behind it.
            None => {
                self.list_wanted |=
                    was_archived != updated.archived || updated.pinned.is_some() || counts && !was_archived;
            }
        }
    }

    /// Notes whether a conversation is archived; gives the highest counter that is known of one that was not loaded.
    pub(in crate::reducer) fn note_archived(&mut self, id: ConversationId, archived: bool) -> i64 {
        let known = self.archived.get(&id).copied().unwrap_or(0);
        if archived {
            self.archived.insert(id, known);
        } else {
            self.archived.remove(&id);
        }
        known
    }

    /// Replaces the set of known archived conversations.
    pub(in crate::reducer) fn replace_archived(&mut self, ids: &[ConversationId]) {
        let mut archived = LiteMap::new_vec();
        for id in ids {
            archived.insert(*id, self.archived.get(id).copied().unwrap_or(0));
        }
        self.archived = archived;
    }

    /// Whether a conversation is loaded, or is known to be in the archive.
    pub(in crate::reducer) fn is_known(&self, id: ConversationId) -> bool {
        self.rooms.contains_key(&id) || self.archived.contains_key(&id)
    }

    /// Requests for pages of the list may be made again.
    pub(in crate::reducer) fn forget_list_requests(&mut self) {
        self.pages.forget_requests();
        self.filtered.iter_mut().for_each(super::ListPages::forget_requests);
    }
}

impl Room {
    /// Replaces the personal state.
    pub(in crate::reducer) fn set_personal(&mut self, state: PersonalState) {
        if self.summary.personal() != state {
            self.touched.parts.own = true;
            self.summary.set_personal(state);
        }
    }

    /// The person read the conversation.
    pub(in crate::reducer) fn unmark(&mut self) {
        self.touched.parts.own |= std::mem::take(&mut self.summary.marked_unread);
    }
}
