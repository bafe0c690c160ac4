//! Frames that a client sends.

use crate::{ClientId, ConversationId, ErrorCode, ListPosition, MessageId, Status, SyncRequest};
use serde::{Deserialize, Serialize};

/// The audience that a message is deleted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeleteFor {
    /// The sender of the frame alone, on all their devices.
    #[default]
    Me,
    /// Every member; a tombstone stays.
    Everyone,
}

/// A frame from a client. On the socket of one conversation `conversation_id` may be left out and defaults to that one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Send a message.
    ChatMessage {
        /// The conversation to send to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The text as typed; after normalisation 1 to 5,000 Unicode scalar values.
        #[serde(default)]
        content: String,
        /// The id that the client gives the message, a UUIDv7. Without one the server makes it, and sends no `ack`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        /// The message that this one answers, of the same conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
    },
    /// The person began, goes on or stopped typing.
    Typing {
        /// The conversation that is typed in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// True while typing; the server forgets it after 6 seconds without another such frame.
        #[serde(default)]
        is_typing: bool,
    },
    /// The person read everything up to a message.
    MarkRead {
        /// The conversation that was read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The last message that was read; absent: the newest of the conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// Everything up to a message arrived on this device.
    MarkDelivered {
        /// The conversation whose messages arrived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The last message that arrived; absent: the newest of the conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// Delete a message.
    DeleteMessage {
        /// The conversation of the message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The message; required.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
        /// The audience that the message is deleted for; `me` by default.
        #[serde(default, rename = "for")]
        audience: DeleteFor,
    },
    /// Show a message again that the person had deleted for themselves.
    RestoreMessage {
        /// The conversation of the message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The message; required.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
    /// The person is using this client (`online`) or not (`away`). Sent on every change, by every connection for itself.
    UserStatus {
        /// `online` or `away`; `offline` follows from the end of the connection.
        status: Status,
    },
    /// Catch up with everything; answered by `synced`.
    Sync(SyncRequest),
    /// Read the page of the list of conversations behind a place; answered by `list`.
    List {
        /// The place that the page before named.
        after: ListPosition,
    },
    /// Read what changed in one conversation after a cursor; answered by `changes`.
    Changes {
        /// The conversation to catch up with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// The `rev` up to which the client has every change; 0 or below asks for the last page.
        after: i64,
    },
    /// Read a page of history on one side of a position; exactly one of the two is set. Answered by `page`.
    Page {
        /// The conversation to read from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation_id: Option<ConversationId>,
        /// Asks for the newest messages with a `seq` below this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<i64>,
        /// Asks for the oldest messages with a `seq` above this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<i64>,
    },
    /// Test the connection; answered by `pong`.
    Ping,
    /// The answer to a `ping` of the server; accepted and ignored.
    Pong,
}

/// Error of reading a client's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON (or nested too deeply to be read).
    InvalidJson,
    /// JSON whose `type` is missing or unknown.
    UnknownType,
    /// The frame needs a `message_id`, which is missing or not an integer.
    MessageIdRequired,
    /// The `type` is known; a field is missing or of the wrong type.
    Malformed,
}

impl DecodeError {
    /// The code of the `error` frame that answers it.
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

const CLIENT_TYPES: [&str; 13] = [
    "chat_message",
    "typing",
    "mark_read",
    "mark_delivered",
    "delete_message",
    "restore_message",
    "user_status",
    "sync",
    "list",
    "changes",
    "page",
    "ping",
    "pong",
];

impl ClientFrame {
    /// Reads one text frame.
    ///
    /// # Errors
    /// The reason why the text is not a frame. It is determined after the first failure, so that a good frame is read
    /// only once.
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
            open: crate::OpenCursors([(ConversationId(7), 12)].into_iter().collect()),
        });
        let text = serde_json::to_string(&sync).expect("encodes");
        assert!(text.contains(r#""open":{"7":12}"#), "{text}");
        assert_eq!(ClientFrame::decode(&text), Ok(sync));
    }
}
