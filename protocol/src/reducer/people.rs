//! People change their names and pictures. No counter tells of it: a live frame does, and else the next list.

use super::{Room, State, Stretch, Timeline};
use crate::{Member, Person};
use std::sync::Arc;

impl State {
    /// Somebody shows themselves otherwise, wherever they stand.
    pub(super) fn user_updated(&mut self, user: &Person) {
        if user.id == self.me.id {
            self.me = user.clone();
        }
        self.rooms.values_mut().for_each(|room| room.user_updated(user));
    }
}

impl Room {
    fn user_updated(&mut self, user: &Person) {
        for member in self.summary.members.iter_mut().filter(|member| member.user.id == user.id) {
            member.user = user.clone();
        }
        if let Some(last) = self.summary.last_message.as_mut().filter(|last| last.sender.id == user.id) {
            last.sender = user.clone();
        }
        self.timeline.iter_mut().for_each(|timeline| timeline.user_updated(user));
        self.held.iter_mut().for_each(|held| held.page.user_updated(user));
    }

    /// The list knows members otherwise than it did: so do the messages that are loaded.
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
    fn user_updated(&mut self, user: &Person) {
        self.latest.user_updated(user);
        self.past.iter_mut().for_each(|past| past.user_updated(user));
    }
}

impl Stretch {
    fn user_updated(&mut self, user: &Person) {
        for message in self.messages.values_mut() {
            if message.sender.id == user.id && message.sender != *user {
                Arc::make_mut(message).sender = user.clone();
            }
        }
    }
}
