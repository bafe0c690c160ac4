//! Text and picture of a conversation's other member.

use super::avatar::Picture;
use crate::client::Client;
use crate::i18n::t;
use leptos::prelude::Get;
use protocol::{Conversation, ConversationKind, Status, UserId};

/// The other member of a direct conversation.
pub(crate) fn other_member(conversation: &Conversation, me: UserId) -> Option<UserId> {
    let direct = conversation.kind == ConversationKind::Direct;
    let mut members = conversation.members.iter().map(|member| member.user.id);
    members.find(|&id| id != me).filter(|_| direct)
}

/// The username of the other member of a direct conversation; else empty.
pub(crate) fn other_username(conversation: &Conversation, me: UserId) -> &str {
    let other = other_member(conversation, me);
    let member = conversation.members.iter().find(|member| Some(member.user.id) == other);
    member.map(|member| member.user.username.as_str()).unwrap_or_default()
}

/// Whether the account of the other member of a direct conversation is suspended.
pub(crate) fn is_suspended(conversation: &Conversation, me: UserId) -> bool {
    let other = other_member(conversation, me);
    conversation.members.iter().any(|member| Some(member.user.id) == other && member.user.suspended)
}

/// The picture of a conversation: the other person's, or its own.
pub(crate) fn picture(conversation: &Conversation, me: UserId) -> Picture {
    let other = other_member(conversation, me);
    match conversation.members.iter().find(|member| Some(member.user.id) == other) {
        Some(other) => Picture::from(&other.user),
        None => Picture {
            hue: conversation.hue.map_or(conversation.id.0, i64::from),
            emoji: conversation.emoji.clone(),
            image: None,
        },
    }
}

/// "Online", "Away", "Last seen 5 min ago"; empty where nothing is known.
pub(super) fn presence_words(client: Client, user: UserId) -> String {
    match client.presence(user).map(|there| (there.status, there.last_seen_at)) {
        Some((Status::Online, _)) => t!("presence.online"),
        Some((Status::Away, _)) => t!("presence.away"),
        Some((Status::Offline, Some(at))) => {
            t!("presence.last_seen", when = client.zone.get().ago(at, client.now.get()))
        }
        _ => String::new(),
    }
}
