//! What the server says.

use crate::{
    Changes, ClientId, Conversation, ConversationId, ErrorBody, Message, MessageId, Page, Person,
    PersonStatus, SyncAnswer, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

/// What the server says. Frames of a conversation carry its id and, where they change it, its new `rev`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame, with all that a client needs to begin.
    ConnectionEstablished {
        /// "Connected to chat".
        message: String,
        /// Who the server took the client for.
        user: Person,
        /// On the socket of one conversation: which.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// There too: its counter, up to which everything can be read by `changes` and pages.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<i64>,
        /// Who is there among the people one talks with.
        #[serde(default)]
        presence: Vec<PersonStatus>,
    },
    /// A message was sent (`rev` is its `seq`).
    NewMessage {
        /// Where.
        conversation_id: ConversationId,
        /// The conversation's new counter.
        rev: i64,
        /// The message.
        message: Message,
        /// With a system message: the membership that it tells of.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<crate::Member>,
    },
    /// A message changed.
    MessageUpdated {
        /// Where.
        conversation_id: ConversationId,
        /// The conversation's new counter.
        rev: i64,
        /// The message as it is now.
        message: Message,
    },
    /// A message was deleted: for everyone (with `rev` and the tombstone), or on one's own devices (with `user_rev`).
    MessageDeleted {
        /// Where.
        conversation_id: ConversationId,
        /// Which.
        message_id: MessageId,
        /// The conversation's new counter, when it is deleted for everyone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rev: Option<i64>,
        /// The person's own new counter, when it is deleted for oneself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_rev: Option<i64>,
        /// What is left of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<Message>,
    },
    /// A message that was deleted on one's own devices is there again.
    MessageRestored {
        /// Where.
        conversation_id: ConversationId,
        /// Which.
        message_id: MessageId,
        /// The person's own new counter.
        user_rev: i64,
    },
    /// Somebody began or ended typing.
    Typing {
        /// Where.
        conversation_id: ConversationId,
        /// Who.
        user_id: UserId,
        /// Their username.
        username: String,
        /// Began, or ended.
        is_typing: bool,
    },
    /// Somebody read up to this message.
    MessageRead {
        /// Where.
        conversation_id: ConversationId,
        /// The last one read.
        message_id: MessageId,
        /// Who.
        reader_id: UserId,
        /// Its place.
        seq: i64,
        /// The reader's own new counter; to the reader alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_rev: Option<i64>,
    },
    /// Somebody has it on a device up to this message.
    MessageDelivered {
        /// Where.
        conversation_id: ConversationId,
        /// The last one delivered.
        message_id: MessageId,
        /// Who.
        user_id: UserId,
        /// Its place.
        seq: i64,
    },
    /// Somebody opened the conversation.
    UserJoin {
        /// Where.
        conversation_id: ConversationId,
        /// Who.
        user_id: UserId,
        /// Their username.
        username: String,
    },
    /// Somebody left it.
    UserLeave {
        /// Where.
        conversation_id: ConversationId,
        /// Who.
        user_id: UserId,
        /// Their username.
        username: String,
    },
    /// Somebody came, went or is away.
    UserStatus(PersonStatus),
    /// Somebody's name or picture changed: to be shown so wherever they stand, in messages too.
    UserUpdated {
        /// As they are now.
        user: Person,
    },
    /// The sender's message is durable.
    Ack {
        /// What the client called it.
        client_id: ClientId,
        /// The message as it is now.
        message: Message,
    },
    /// A request was refused. The socket stays open.
    Error(ErrorBody),
    /// The answer to `sync`.
    Synced(SyncAnswer),
    /// The answer to `changes`.
    Changes(Changes),
    /// The answer to `page`.
    Page {
        /// Where.
        conversation_id: ConversationId,
        /// Messages older than this were asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<i64>,
        /// Or messages newer than this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<i64>,
        /// They.
        page: Page,
    },
    /// A conversation came to one's list, or changed for oneself.
    ConversationUpdated {
        /// As it is now, for this person.
        conversation: Conversation,
        /// The person's own new counter.
        user_rev: i64,
    },
    /// A conversation is no longer there for this person.
    ConversationRemoved {
        /// Which.
        conversation_id: ConversationId,
        /// The person's own new counter.
        user_rev: i64,
    },
    /// Keeps intermediaries awake; wants no answer.
    Ping,
    /// The answer to a client's `ping`.
    Pong,
}

impl ServerFrame {
    /// The text that goes on the wire.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| String::from(r#"{"type":"ping"}"#))
    }

    /// The conversation whose counter this moves, and to which value.
    #[must_use]
    pub fn moves(&self) -> Option<(ConversationId, i64)> {
        match self {
            Self::NewMessage { conversation_id, rev, .. }
            | Self::MessageUpdated { conversation_id, rev, .. }
            | Self::MessageDeleted { conversation_id, rev: Some(rev), .. } => Some((*conversation_id, *rev)),
            _ => None,
        }
    }

    /// To which value this moves the own counter of the person it is for.
    #[must_use]
    pub fn moves_own(&self) -> Option<i64> {
        match self {
            Self::MessageDeleted { user_rev, .. } | Self::MessageRead { user_rev, .. } => *user_rev,
            Self::MessageRestored { user_rev, .. }
            | Self::ConversationUpdated { user_rev, .. }
            | Self::ConversationRemoved { user_rev, .. } => Some(*user_rev),
            _ => None,
        }
    }

    /// Somebody's presence, in short.
    #[must_use]
    pub fn status(user: &Person, status: crate::Status, last_seen_at: Option<Timestamp>) -> Self {
        Self::UserStatus(PersonStatus {
            user_id: user.id,
            username: user.username.clone(),
            status,
            last_seen_at,
        })
    }
}
