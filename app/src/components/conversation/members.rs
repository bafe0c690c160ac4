//! The current members of a conversation, for the details and the composer.

use crate::client::{Client, RoomPart};
use crate::effect::effect;
use crate::server_fns::group_members;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ConversationId, ConversationKind, Member, Role, UserId};

/// The current members by role, as far as they are known here.
#[derive(Clone, Copy)]
pub(super) struct Members {
    pub(super) id: ConversationId,
    pub(super) all: Memo<Vec<Member>>,
}

impl Members {
    pub(super) fn new(client: Client, id: ConversationId) -> Self {
        // The client has some members of a large group: the others are requested.
        let requested = RwSignal::new(client.take_members());
        let state = Memo::new(move |_| membership(client, id));
        effect(move || {
            let Some((_, true)) = state.get() else { return };
            spawn_local(async move {
                if let Ok(members) = group_members(id).await {
                    let _ = requested.try_set(members);
                }
            });
        });
        let all = Memo::new(move |_| {
            let mut all = requested.get();
            let known = client.room(id, RoomPart::Summary, |room| room.summary.members.clone());
            for member in known.unwrap_or_default() {
                match all.iter_mut().find(|held| held.user.id == member.user.id) {
                    Some(held) if held.rev > member.rev => {}
                    Some(held) => *held = member,
                    None => all.push(member),
                }
            }
            // In three passes: sorting would bring code of its own.
            let mut by_role = Vec::with_capacity(all.len());
            for role in [Role::Owner, Role::Moderator, Role::Member] {
                by_role.extend(all.iter().filter(|member| !member.left && member.role == role).cloned());
            }
            by_role
        });
        Self { id, all }
    }

    /// The role of a member; tracked.
    pub(super) fn role(self, user: UserId) -> Option<Role> {
        self.all.read().iter().find(|member| member.user.id == user).map(|member| member.role)
    }

    /// The role of a member in the subject of the conversation; tracked.
    pub(super) fn subject_role(self, user: UserId) -> Option<String> {
        let all = self.all.read();
        all.iter().find(|member| member.user.id == user).and_then(|member| member.subject_role.clone())
    }

    /// Whether somebody else is an owner, as far as that is known; tracked.
    pub(super) fn has_other_owner(self, user: UserId) -> bool {
        self.all.read().iter().any(|member| member.role == Role::Owner && member.user.id != user)
    }
}

/// Whether the reader is owner or moderator of the group.
pub(super) fn manages_group(client: Client, id: ConversationId) -> Memo<bool> {
    Memo::new(move |_| {
        let me = client.me();
        client.room(id, RoomPart::Summary, |room| room.summary.is_managed_by(me)).unwrap_or_default()
    })
}

/// A number that changes with the membership, and whether members are unknown here.
fn membership(client: Client, id: ConversationId) -> Option<((i64, i64), bool)> {
    client.room(id, RoomPart::Summary, |room| {
        let summary = &room.summary;
        let there = summary.members.iter().filter(|member| !member.left).count();
        let last = summary.last_message.as_ref().filter(|last| last.event.is_some());
        let unknown = i64::try_from(there).is_ok_and(|there| there < summary.member_count);
        ((summary.member_count, last.map_or(0, |last| last.seq)), unknown)
    })
}

/// Whether the conversation is a group, which it stays.
pub(super) fn is_group(client: Client, id: ConversationId) -> bool {
    client.peek(|state| state.rooms.get(&id).is_some_and(|room| room.summary.kind == ConversationKind::Group))
}
