//! The frames of the format `003`: a message is an object within its frame, and ids of people and conversations are text.

use super::{encode, type_name};
use bytes::Bytes;
use protocol::{Message, MessageId, ServerFrame, Status, Timestamp};
use serde::Serialize;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Frame {
    Message { message: MessageObject },
    UserTyping { user_id: String, is_typing: bool },
    UserStatus { user_id: String, status: Status },
    MessageRead { message_id: MessageId, reader_id: String },
}

#[derive(Serialize)]
struct MessageObject {
    id: MessageId,
    conversation_id: String,
    sender_id: String,
    sender_name: String,
    message_text: String,
    message_type: &'static str,
    timestamp: Timestamp,
    /// A new message is unread; the frame `message_read` follows.
    is_read: bool,
}

impl From<Message> for MessageObject {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            conversation_id: message.conversation_id.to_string(),
            sender_id: message.sender.id.to_string(),
            sender_name: message.sender.display_name(),
            message_text: message.content,
            message_type: type_name(message.message_type),
            timestamp: message.timestamp,
            is_read: false,
        }
    }
}

pub(super) fn write(frame: ServerFrame) -> Option<Bytes> {
    let frame = match frame {
        ServerFrame::NewMessage(new) => Frame::Message { message: new.message.into() },
        ServerFrame::Typing(typing) => {
            Frame::UserTyping { user_id: typing.user_id.to_string(), is_typing: typing.is_typing }
        }
        ServerFrame::UserStatus(person) => {
            Frame::UserStatus { user_id: person.user_id.to_string(), status: person.status }
        }
        ServerFrame::MessageRead(read) => {
            Frame::MessageRead { message_id: read.message_id, reader_id: read.reader_id.to_string() }
        }
        _ => return None,
    };
    encode(&frame)
}
