//! Ephemeral state of a conversation, which no counter covers: typing, and presence notices.

use super::Room;
use crate::UserId;
use crate::limits::{EPHEMERAL_MS, SMALL_CONVERSATION, TYPING_EXPIRES_MS};

/// A notice that somebody came online or went offline, shown for [`EPHEMERAL_MS`](crate::limits::EPHEMERAL_MS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceNotice {
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
    /// Somebody else began or stopped typing.
    pub(in crate::reducer) fn typing(&mut self, user: UserId, username: String, is_typing: bool, now: u64) {
        if is_typing {
            let until = now.saturating_add(TYPING_EXPIRES_MS);
            match self.typing.get_mut(&user) {
                Some((name, expires)) if *name == username => *expires = until,
                _ => {
                    self.typing.insert(user, (username, until));
                    self.touched.parts.typing = true;
                }
            }
        } else {
            self.typed(user);
        }
    }

    /// The typing people, without their expiry.
    pub(in crate::reducer) fn typists(&self) -> impl Iterator<Item = (UserId, &str)> {
        self.typing.iter().map(|(user, (name, _))| (*user, name.as_str()))
    }

    /// Removes a typing person.
    pub(in crate::reducer) fn typed(&mut self, user: UserId) {
        self.touched.parts.typing |= self.typing.remove(&user).is_some();
    }

    /// Keeps the typing people for whom `types` holds.
    pub(in crate::reducer) fn typing_only(&mut self, types: impl Fn(UserId) -> bool) {
        let before = self.typing.len();
        self.typing.retain(|user, _| types(*user));
        self.touched.parts.typing |= self.typing.len() != before;
    }

    /// Somebody else came online or went offline: adds a notice in a small conversation.
    pub(in crate::reducer) fn presence_changed(&mut self, user: UserId, came: bool, now: u64) {
        let small = self.summary.member_count <= SMALL_CONVERSATION as i64;
        let mut there = self.summary.members.iter().filter(|member| small && !member.left);
        if let Some(member) = there.find(|member| member.user.id == user) {
            let (name, until) = (member.user.display_name(), now.saturating_add(EPHEMERAL_MS));
            let line = PresenceNotice { user, name, came, until };
            self.touched.parts.ephemeral |= self.ephemeral.last() != Some(&line);
            self.ephemeral.retain(|ephemeral| ephemeral.user != user);
            self.ephemeral.push(line);
        }
    }

    /// Drops what has expired; true if anything did.
    pub(in crate::reducer) fn tick(&mut self, now: u64) -> bool {
        let before = (self.typing.len(), self.ephemeral.len());
        self.typing.retain(|_, (_, until)| *until > now);
        self.ephemeral.retain(|ephemeral| ephemeral.until > now);
        let (typing, ephemeral) = (before.0 != self.typing.len(), before.1 != self.ephemeral.len());
        self.touched.parts.typing |= typing;
        self.touched.parts.ephemeral |= ephemeral;
        typing || ephemeral
    }

    /// The time of the next expiry.
    pub(in crate::reducer) fn runs_out(&self) -> Option<u64> {
        let typing = self.typing.values().map(|(_, until)| *until);
        typing.chain(self.ephemeral.iter().map(|ephemeral| ephemeral.until)).min()
    }
}
