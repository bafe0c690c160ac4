//! What shows in a conversation for a moment and is kept nowhere: who is typing, who came and went.

use super::Room;
use crate::UserId;
use crate::limits::{PASSING_MS, SMALL_CONVERSATION, TYPING_EXPIRES_MS};

/// Somebody came or went just now: shown for a moment, kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    /// The person who came or went.
    pub user: UserId,
    /// The display name of the person.
    pub name: String,
    /// True for having come online, false for having gone offline.
    pub came: bool,
    /// The end of its display, in milliseconds of the caller's clock.
    pub until: u64,
}

impl Room {
    /// Somebody else began or ended typing. Replaced, never doubled.
    pub(super) fn typing(&mut self, user: UserId, username: String, is_typing: bool, now: u64) {
        if is_typing {
            self.typing.insert(user, (username, now.saturating_add(TYPING_EXPIRES_MS)));
        } else {
            self.typing.remove(&user);
        }
    }

    /// Somebody else came online or went: worth a line where all are told one by one.
    pub(super) fn passed(&mut self, user: UserId, came: bool, now: u64) {
        let small = self.summary.member_count <= SMALL_CONVERSATION as i64;
        let mut there = self.summary.members.iter().filter(|member| small && !member.left);
        if let Some(member) = there.find(|member| member.user.id == user) {
            let (name, until) = (member.user.display_name(), now.saturating_add(PASSING_MS));
            self.passing.retain(|passing| passing.user != user);
            self.passing.push(Passing { user, name, came, until });
        }
    }

    /// Drops what ran out; true when there was something.
    pub(super) fn tick(&mut self, now: u64) -> bool {
        let before = (self.typing.len(), self.passing.len());
        self.typing.retain(|_, (_, until)| *until > now);
        self.passing.retain(|passing| passing.until > now);
        before != (self.typing.len(), self.passing.len())
    }

    /// When the next of it runs out.
    pub(super) fn runs_out(&self) -> Option<u64> {
        let typing = self.typing.values().map(|(_, until)| *until);
        typing.chain(self.passing.iter().map(|passing| passing.until)).min()
    }
}
