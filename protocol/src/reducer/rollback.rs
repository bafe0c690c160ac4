//! When the server knows less than it did: its database was put back from a backup. Then what is held is of a time that is
//! gone, and everything is loaded anew, save for what waits to be sent.
//!
//! That an answer says less than is held proves nothing, since it may have been read before. That it says less than was
//! held *when it was asked for* does.

use super::State;
use crate::{Changes, SyncAnswer};

impl State {
    /// An answer to a request for changes. Whoever left a conversation by it is told of it anew by the list.
    pub(super) fn check_changes_for_rollback(&mut self, changes: &Changes) {
        if changes.cursor < changes.after {
            self.leave(changes.conversation_id);
            self.list_wanted = true;
        }
    }

    /// A `sync`, which may have come unasked for. Then what looks like less is asked for, so that it proves something.
    pub(super) fn check_sync_for_rollback(&mut self, answer: &SyncAnswer) {
        let in_flight = self.sync_in_flight.take();
        if in_flight.is_some_and(|from| answer.user_rev < from) {
            (self.user_rev, self.user_seen) = (answer.user_rev, answer.user_rev);
            self.hidden.clear();
            let all: Vec<_> = self.rooms.keys().copied().collect();
            all.into_iter().for_each(|id| self.leave(id));
            return;
        }
        self.list_wanted |= in_flight.is_none() && answer.user_rev < self.user_rev;
        for entry in answer.list.iter().flatten() {
            let Some(room) = self.rooms.get_mut(&entry.id) else { continue };
            match room.in_flight.list.take() {
                // Of what is loaded its own changes say it, and they say what they answer: by polls, a list that was asked
                // for earlier can come after one that was asked for later.
                Some(from) if entry.rev < from && room.timeline.is_none() => self.leave(entry.id),
                Some(_) => {}
                None => self.list_wanted |= entry.rev < room.summary.rev,
            }
        }
        let wanted = self.list_wanted;
        answer.open.iter().for_each(|changes| self.check_changes_for_rollback(changes));
        // It came along.
        self.list_wanted = wanted || (self.list_wanted && answer.list.is_none());
    }
}
