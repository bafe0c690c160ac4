//! Whether people are there, in words.

use crate::client::Client;
use crate::i18n::t;
use leptos::prelude::Get;
use protocol::reducer::State;
use protocol::{Conversation, ConversationKind, Status, UserId};

/// The other one of two.
pub(super) fn other(conversation: &Conversation, me: UserId) -> Option<UserId> {
    let direct = conversation.kind == ConversationKind::Direct;
    let mut members = conversation.members.iter().map(|member| member.user.id);
    members.find(|&id| id != me).filter(|_| direct)
}

/// Whose colour a conversation has: the other one's, or its own.
pub(super) fn face(conversation: &Conversation, me: UserId) -> i64 {
    let other = other(conversation, me);
    let other = conversation.members.iter().find(|member| Some(member.user.id) == other);
    other.map_or(conversation.id.0, |other| other.user.face())
}

/// Is this person there?
pub(super) fn status(state: &State, user: UserId) -> Status {
    state.presence.get(&user).map(|there| there.status).unwrap_or_default()
}

/// "Online", "Away", "Last seen 14:05"; nothing where nothing is known.
pub(super) fn words(client: Client, state: &State, user: UserId) -> String {
    let there = state.presence.get(&user);
    match there.map(|there| (there.status, there.last_seen_at)) {
        Some((Status::Online, _)) => t!("presence.online"),
        Some((Status::Away, _)) => t!("presence.away"),
        Some((Status::Offline, Some(at))) => {
            t!("presence.last_seen", when = client.zone.get().brief(at, client.now.get()))
        }
        _ => String::new(),
    }
}
