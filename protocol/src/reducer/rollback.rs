//! Server rollback: the database was restored from a backup and is older than this client. Everything but the outbox is
//! dropped and loaded again.
//!
//! An answer with a lower counter than the current one proves nothing, because it may come from an older snapshot. An answer
//! with a lower counter than the one *at the time of the request* does.

use super::State;
use crate::{Changes, Conversation, SyncAnswer};

impl State {
    /// Checks an answer to `changes`. A conversation that is dropped comes back with the list.
    pub(super) fn check_changes_for_rollback(&mut self, changes: &Changes) {
        if changes.cursor < changes.after {
            self.leave(changes.conversation_id);
            self.list_wanted = true;
        }
    }

    /// Checks an entry of the list.
    pub(super) fn check_entry_for_rollback(&mut self, entry: &Conversation) {
        let Some(room) = self.rooms.get_mut(&entry.id) else { return };
        match room.in_flight.list.take() {
            // Loaded conversations are checked by their changes, which name their cursor. A list does not: over polls,
            // the answer to an earlier request can arrive after that to a later one.
            Some(from) if entry.rev < from && room.timeline.is_none() => self.leave(entry.id),
            Some(_) => {}
            None => self.list_wanted |= entry.rev < room.summary.rev,
        }
    }

    /// Checks a `sync`. If none was requested, a lower counter proves nothing and only causes a request.
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
            self.check_entry_for_rollback(entry);
        }
        let wanted = self.list_wanted;
        answer.open.iter().for_each(|changes| self.check_changes_for_rollback(changes));
        // The answer brought the list.
        self.list_wanted = wanted || (self.list_wanted && answer.list.is_none());
    }
}
