//! What a client says.

use crate::{ClientId, ConversationId, ErrorCode, MessageId, Status, SyncRequest};
use serde::{Deserialize, Serialize};

/// For whom a message is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeleteFor {
    /// On my devices only.
    #[default]
    Me,
    /// For all; a tombstone stays.
    Everyone,
}

/// What a client says. On the socket of one conversation `conversation_id` may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Send a message.
    ChatMessage {
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The text, as typed.
        #[serde(default)]
        content: String,
        /// The client's own id; without one the server makes it, and sends no `ack`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        /// The message that this answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
    },
    /// Typing began, goes on, or ended.
    Typing {
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// True while typing.
        #[serde(default)]
        is_typing: bool,
    },
    /// Seen up to this message (none: all).
    MarkRead {
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The last one seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// On this device up to this message (none: all).
    MarkDelivered {
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The last one that arrived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// Delete a message.
    DeleteMessage {
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// Which; required.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
        /// For whom.
        #[serde(default, rename = "for")]
        audience: DeleteFor,
    },
    /// Take back that a message was deleted for oneself.
    RestoreMessage {
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// Which; required.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// The reader is there (`online`) or not (`away`): said on every change, by every connection for itself.
    UserStatus {
        /// Never `offline`: who is that says nothing.
        status: Status,
    },
    /// Catch up; answered by `synced`.
    Sync(SyncRequest),
    /// What changed in one conversation after a cursor; answered by `changes`.
    Changes {
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The cursor.
        after: i64,
    },
    /// A stretch of history, on one side of a place; answered by `page`.
    Page {
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The newest messages with a `seq` below this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<i64>,
        /// Or the oldest ones with a `seq` above this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<i64>,
    },
    /// Is the line there; answered by `pong`.
    Ping,
    /// The answer to a `ping` of ours; wanted by nobody, refused by nobody.
    Pong,
}

/// Why a text is no frame of a client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON (or nested too deeply to be read).
    InvalidJson,
    /// JSON without a `type` that we know.
    UnknownType,
    /// A frame that needs a message's id has none, or one that cannot be.
    MessageIdRequired,
    /// A known frame with a part of the wrong type.
    Malformed,
}

impl DecodeError {
    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::InvalidJson => ErrorCode::InvalidJson,
            Self::UnknownType => ErrorCode::UnknownType,
            Self::MessageIdRequired => ErrorCode::MessageIdRequired,
            Self::Malformed => ErrorCode::Malformed,
        }
    }
}

const CLIENT_TYPES: [&str; 12] = [
    "chat_message",
    "typing",
    "mark_read",
    "mark_delivered",
    "delete_message",
    "restore_message",
    "user_status",
    "sync",
    "changes",
    "page",
    "ping",
    "pong",
];

impl ClientFrame {
    /// Reads one text frame.
    ///
    /// # Errors
    /// What is wrong with it; the reason is worked out only then, so that a good frame is read once.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        serde_json::from_str(text).map_err(|_| Self::why_not(text))
    }

    fn why_not(text: &str) -> DecodeError {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
            return DecodeError::InvalidJson;
        };
        match value.get("type").and_then(serde_json::Value::as_str) {
            Some("delete_message" | "restore_message")
                if !value.get("message_id").is_some_and(serde_json::Value::is_i64) =>
            {
                DecodeError::MessageIdRequired
            }
            Some(name) if CLIENT_TYPES.contains(&name) => DecodeError::Malformed,
            _ => DecodeError::UnknownType,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_of_the_guides_are_understood() {
        assert_eq!(
            ClientFrame::decode(r#"{"type": "chat_message", "content": "Hello world"}"#),
            Ok(ClientFrame::ChatMessage {
                conversation_id: None,
                content: "Hello world".into(),
                client_id: None,
                reply_to: None
            })
        );
        assert_eq!(
            ClientFrame::decode(r#"{"type": "delete_message", "message_id": 123}"#),
            Ok(ClientFrame::DeleteMessage {
                conversation_id: None,
                message_id: Some(MessageId(123)),
                audience: DeleteFor::Me
            })
        );
        assert_eq!(
            ClientFrame::decode(r#"{"type": "typing"}"#),
            Ok(ClientFrame::Typing { conversation_id: None, is_typing: false })
        );
    }

    #[test]
    fn w3_says_what_is_wrong() {
        let deep = "[".repeat(10_000);
        for (text, why) in [
            ("{", DecodeError::InvalidJson),
            ("", DecodeError::InvalidJson),
            (deep.as_str(), DecodeError::InvalidJson),
            ("[]", DecodeError::UnknownType),
            ("null", DecodeError::UnknownType),
            (r#"{"type": "dance"}"#, DecodeError::UnknownType),
            (r#"{"type": 5}"#, DecodeError::UnknownType),
            (r#"{"content": "x"}"#, DecodeError::UnknownType),
            (r#"{"type": "chat_message", "content": 5}"#, DecodeError::Malformed),
            (r#"{"type": "typing", "is_typing": "yes"}"#, DecodeError::Malformed),
            (r#"{"type": "user_status", "status": "asleep"}"#, DecodeError::Malformed),
            (r#"{"type": "user_status"}"#, DecodeError::Malformed),
            (r#"{"type": "delete_message", "message_id": "x"}"#, DecodeError::MessageIdRequired),
            (r#"{"type": "restore_message", "message_id": [1]}"#, DecodeError::MessageIdRequired),
            (r#"{"type": "mark_read", "message_id": 99999999999999999999}"#, DecodeError::Malformed),
            (r#"{"type": "mark_read", "message_id": 1e999}"#, DecodeError::InvalidJson),
        ] {
            assert_eq!(ClientFrame::decode(text), Err(why), "{text:.60}");
        }
    }

    #[test]
    fn cursors_survive_the_tag() {
        let sync = ClientFrame::Sync(SyncRequest {
            user_rev: 3,
            list: true,
            open: crate::OpenCursors([(ConversationId(7), 12)].into()),
        });
        let text = serde_json::to_string(&sync).expect("encodes");
        assert!(text.contains(r#""open":{"7":12}"#), "{text}");
        assert_eq!(ClientFrame::decode(&text), Ok(sync));
    }
}
