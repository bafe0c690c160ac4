//! The frames of the format `004`: all fields of a message are in its frame, and times are words of English.

use super::encode;
use bytes::Bytes;
use protocol::{Message, MessageId, ServerFrame, Timestamp, UserId};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

/// `Oct 15, 2025 10:30 AM`.
const TIME: &[FormatItem<'_>] =
    format_description!("[month repr:short] [day], [year] [hour repr:12]:[minute] [period]");

#[derive(Serialize)]
struct MessageFrame {
    r#type: &'static str,
    message: String,
    sender_id: UserId,
    sender_username: String,
    sender_name: String,
    message_id: MessageId,
    timestamp: String,
    /// The format has no frame that would say later that a message was read.
    is_read: bool,
}

/// The frame of a typing indicator. It has the type `typing` only when typing begins: clients of this format show an
/// indicator for each frame of the type.
#[derive(Serialize)]
struct TypingFrame {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    typing: bool,
    /// The username.
    user: String,
}

pub(super) fn write(frame: ServerFrame) -> Option<Bytes> {
    match frame {
        ServerFrame::NewMessage(new) => encode(&message(new.message)),
        ServerFrame::Typing(typing) => encode(&TypingFrame {
            r#type: typing.is_typing.then_some("typing"),
            typing: typing.is_typing,
            user: typing.username,
        }),
        _ => None,
    }
}

fn message(message: Message) -> MessageFrame {
    MessageFrame {
        r#type: "message",
        sender_id: message.sender.id,
        sender_name: message.sender.display_name(),
        sender_username: message.sender.username,
        message: message.content,
        message_id: message.id,
        timestamp: in_words(message.timestamp),
        is_read: false,
    }
}

/// The time in UTC; RFC 3339 if it is beyond the calendar.
fn in_words(time: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.0) * 1_000)
        .ok()
        .and_then(|time| time.format(TIME).ok())
        .unwrap_or_else(|| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x4_times_are_words() {
        for (time, words) in [
            ("2025-10-15T10:30:00Z", "Oct 15, 2025 10:30 AM"),
            ("2026-02-05T00:07:59.999999Z", "Feb 05, 2026 12:07 AM"),
            ("2026-12-31T23:59:00Z", "Dec 31, 2026 11:59 PM"),
        ] {
            assert_eq!(in_words(Timestamp::parse(time).unwrap()), words);
        }
        assert_eq!(in_words(Timestamp(i64::MAX)), Timestamp(i64::MAX).to_string());
    }
}
