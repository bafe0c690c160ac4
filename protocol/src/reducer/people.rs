//! Changed names and pictures of people. No counter covers them: they come by a live frame, or with the next list.

use super::{HistoryWindow, Room, State, Timeline};
use crate::{Member, Person};
use std::sync::Arc;

impl State {
    /// Replaces a changed person in all conversations.
    pub(super) fn user_updated(&mut self, user: &Person) {
        self.is_me(user.clone());
        self.people_changed = true;
        self.notifications_renamed(user);
        self.rooms.iter_mut().for_each(|(_, room)| room.user_updated(user));
    }
}

impl Room {
    fn user_updated(&mut self, user: &Person) {
        let members = self.summary.members.iter_mut().map(|member| &mut member.user);
        let senders = self.summary.last_message.iter_mut().map(|last| &mut last.sender);
        for known in members.chain(senders).filter(|known| known.id == user.id && *known != user) {
            *known = user.clone();
            self.touched.parts.summary = true;
        }
        if let Some(timeline) = &mut self.timeline {
            self.touched.parts.rows |= timeline.user_updated(user);
        }
        if let Some(deferred) = &mut self.deferred {
            deferred.page.user_updated(user);
        }
    }

    /// Replaces people whom the list changed in the loaded messages, too.
    pub(super) fn compare_people(&mut self, before: &[Member]) {
        let changed = |now: &&Member| {
            before.iter().any(|member| member.user.id == now.user.id && member.user != now.user)
        };
        let changed: Vec<_> =
            self.summary.members.iter().filter(changed).map(|now| now.user.clone()).collect();
        changed.iter().for_each(|user| self.user_updated(user));
    }
}

impl Timeline {
    /// True if the shown window changed.
    fn user_updated(&mut self, user: &Person) -> bool {
        let latest = self.latest.user_updated(user);
        self.past.as_mut().map_or(latest, |past| past.user_updated(user))
    }
}

impl HistoryWindow {
    /// True if a message changed.
    fn user_updated(&mut self, user: &Person) -> bool {
        let mut changed = false;
        for (_, message) in &mut self.messages {
            if message.sender.id == user.id && message.sender != *user {
                Arc::make_mut(message).sender = user.clone();
                changed = true;
            }
        }
        changed
    }
}
