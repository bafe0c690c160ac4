//! Adapters between the text of a socket in another wire format and the frames of `protocol`. A frame without a form in
//! the other format is dropped.

mod flat;
mod nested;

use crate::config::Wire;
use bytes::Bytes;
use protocol::{ClientFrame, ErrorBody, ErrorCode, MessageType, ServerFrame};
use serde::Serialize;
use serde_json::Value;

/// A text that [`ClientFrame::decode`] refuses as of an unknown type.
const UNKNOWN: &str = "{}";
/// A text that [`ClientFrame::decode`] refuses as malformed.
const MALFORMED: &str = r#"{"type":"chat_message","content":null}"#;

/// Translates a text of the client into that of a frame. Bad input becomes a text that the connection refuses for the same
/// reason, so that it is counted and answered as any other.
pub(super) fn read(wire: Wire, text: String) -> String {
    if wire == Wire::Rapport {
        return text;
    }
    let Ok(value) = serde_json::from_str::<Value>(&text) else { return text };
    let frame = match (value.get("message"), value.get("typing")) {
        (Some(Value::String(content)), _) if is_text(wire, &value) => ClientFrame::ChatMessage {
            conversation_id: None,
            content: content.clone(),
            client_id: None,
            reply_to: None,
        },
        (Some(Value::String(_)), _) => return UNKNOWN.to_owned(),
        (None, Some(Value::Bool(is_typing))) => {
            ClientFrame::Typing { conversation_id: None, is_typing: *is_typing }
        }
        (None, None) => return UNKNOWN.to_owned(),
        _ => return MALFORMED.to_owned(),
    };
    serde_json::to_string(&frame).unwrap_or_else(|_| MALFORMED.to_owned())
}

/// Whether a message is of the only type that can be sent, which the format of `003` names.
fn is_text(wire: Wire, value: &Value) -> bool {
    wire != Wire::Nested || value.get("type").is_none_or(|kind| kind == "TEXT")
}

/// Translates the text of a frame for the client; `None` if its format has no such frame.
pub(super) fn write(wire: Wire, frame: Bytes) -> Option<Bytes> {
    if wire == Wire::Rapport {
        return Some(frame);
    }
    let frame = ServerFrame::decode(std::str::from_utf8(&frame).ok()?).ok()?;
    match (frame, wire) {
        (ServerFrame::Error(error), _) => encode(&ErrorFrame::from(error)),
        (_, Wire::Rapport) => None,
        (frame, Wire::Nested) => nested::write(frame),
        (frame, Wire::Flat) => flat::write(frame),
    }
}

fn encode(frame: &impl Serialize) -> Option<Bytes> {
    serde_json::to_vec(frame).ok().map(Bytes::from)
}

/// The error frame of both formats, whose documents have none of their own.
#[derive(Serialize)]
struct ErrorFrame {
    r#type: &'static str,
    message: String,
    code: ErrorCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
}

impl From<ErrorBody> for ErrorFrame {
    fn from(error: ErrorBody) -> Self {
        Self { r#type: "error", message: error.message, code: error.code, retry_after: error.retry_after }
    }
}

/// The name of a message type in these formats.
fn type_name(kind: MessageType) -> &'static str {
    match kind {
        MessageType::Text => "TEXT",
        MessageType::System => "SYSTEM",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::DecodeError;

    fn frame(wire: Wire, text: &str) -> Result<ClientFrame, DecodeError> {
        ClientFrame::decode(&read(wire, text.to_owned()))
    }

    fn message(content: &str) -> Result<ClientFrame, DecodeError> {
        let content = content.to_owned();
        Ok(ClientFrame::ChatMessage { conversation_id: None, content, client_id: None, reply_to: None })
    }

    #[test]
    fn x4_texts_of_clients_become_frames() {
        for (wire, text) in [
            (Wire::Nested, r#"{"message": "Hello", "type": "TEXT"}"#),
            (Wire::Nested, r#"{"message": "Hello"}"#),
            (Wire::Flat, r#"{"message": "Hello"}"#),
            (Wire::Flat, r#"{"message": "Hello", "typing": false}"#),
        ] {
            assert_eq!(frame(wire, text), message("Hello"), "{text}");
        }
        for (wire, is_typing) in [(Wire::Nested, true), (Wire::Flat, true), (Wire::Flat, false)] {
            let typing = Ok(ClientFrame::Typing { conversation_id: None, is_typing });
            assert_eq!(frame(wire, &format!(r#"{{"typing": {is_typing}}}"#)), typing);
        }
    }

    #[test]
    fn x4_bad_input_is_refused_for_its_own_reason() {
        let deep = "[".repeat(10_000);
        for wire in [Wire::Nested, Wire::Flat] {
            for (text, why) in [
                ("{", DecodeError::InvalidJson),
                ("", DecodeError::InvalidJson),
                (deep.as_str(), DecodeError::InvalidJson),
                ("[]", DecodeError::UnknownType),
                ("null", DecodeError::UnknownType),
                ("{}", DecodeError::UnknownType),
                (r#"{"type": "ping"}"#, DecodeError::UnknownType),
                (r#"{"type": "chat_message", "content": "of the other wire"}"#, DecodeError::UnknownType),
                (r#"{"type": "delete_message", "message_id": 1}"#, DecodeError::UnknownType),
                (r#"{"message": 5}"#, DecodeError::Malformed),
                (r#"{"message": null}"#, DecodeError::Malformed),
                (r#"{"message": {"content": "x"}}"#, DecodeError::Malformed),
                (r#"{"typing": "yes"}"#, DecodeError::Malformed),
                (r#"{"typing": null}"#, DecodeError::Malformed),
            ] {
                assert_eq!(frame(wire, text), Err(why), "{text:.60}");
            }
        }
        let image = r#"{"message": "Image.jpg", "type": "IMAGE", "file_url": "https://files.example/1"}"#;
        assert_eq!(frame(Wire::Nested, image), Err(DecodeError::UnknownType));
    }

    #[test]
    fn the_own_format_is_passed_on_as_it_is() {
        for text in ["", "{", "\u{0}", r#"{"message": "Hello"}"#] {
            assert_eq!(read(Wire::Rapport, text.to_owned()), text);
            assert_eq!(write(Wire::Rapport, text.as_bytes().to_vec().into()).unwrap(), text.as_bytes());
        }
    }
}
