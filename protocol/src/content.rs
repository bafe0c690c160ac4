//! Normalisation and limits of a message's text, the same in the browser and on the server.

use crate::is_invisible;
use crate::limits::MAX_CONTENT;
use crate::{ConversationId, ErrorCode, MessageId};

/// Rule that a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentError {
    /// The text is empty, or only white space and other invisible characters.
    Empty,
    /// The text has more than [`MAX_CONTENT`] Unicode scalar values.
    TooLong,
    /// The text contains U+0000, which Postgres cannot store.
    Nul,
}

impl ContentError {
    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Empty => ErrorCode::EmptyMessage,
            Self::TooLong => ErrorCode::MessageTooLong,
            Self::Nul => ErrorCode::InvalidContent,
        }
    }
}

/// Normalises a text: CRLF and CR become LF; blank lines at the edges and white space at the end are removed. A single line
/// loses the white space before it, too; of several lines the first keeps its indentation (code, tables). The result has 1
/// to [`MAX_CONTENT`] Unicode scalar values and no U+0000.
///
/// # Errors
/// The rule that the text breaks.
pub fn normalise(text: &str) -> Result<String, ContentError> {
    if text.contains('\0') {
        return Err(ContentError::Nul);
    }
    let text = trim_edges(text);
    if text.chars().all(is_invisible) {
        return Err(ContentError::Empty);
    }
    let text =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
    if text.chars().nth(MAX_CONTENT).is_some() {
        return Err(ContentError::TooLong);
    }
    Ok(text)
}

/// The text without blank lines at its edges, white space at its end, and the indentation of a single line.
fn trim_edges(text: &str) -> &str {
    const LINE_ENDS: [char; 2] = ['\n', '\r'];
    let text = text.trim_end();
    let trimmed = text.trim_start();
    if !trimmed.contains(LINE_ENDS) {
        return trimmed;
    }
    let first_line = text[..text.len() - trimmed.len()].rfind(LINE_ENDS).map_or(0, |at| at + 1);
    &text[first_line..]
}

/// Length of a text as the limit counts it: Unicode scalar values after normalising.
#[must_use]
pub fn measure(text: &str) -> usize {
    let text = trim_edges(text);
    text.chars().count() - text.matches("\r\n").count()
}

/// Input of the hash that distinguishes a repeated message from another message with the same `client_id`.
#[must_use]
pub fn content_hash_input(
    conversation: ConversationId,
    content: &str,
    reply_to: Option<MessageId>,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(content.len() + 16);
    bytes.extend_from_slice(&conversation.0.to_le_bytes());
    bytes.extend_from_slice(&reply_to.map_or(0, |id| id.0).to_le_bytes());
    bytes.extend_from_slice(content.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v16_several_lines_keep_their_indentation_and_a_single_line_is_trimmed() {
        for (text, content) in [
            ("  a\r\nb\rc\n ", "  a\nb\nc"),
            ("  a\n ", "a"),
            (" \n\t\r\n\tif x:\n\t\ty \n\n", "\tif x:\n\t\ty"),
            ("\r\r  x\ry", "  x\ny"),
            ("\u{3000}a \u{3000}\n", "a"),
        ] {
            assert_eq!(normalise(text).as_deref(), Ok(content), "{text:?}");
            assert_eq!(normalise(content).as_deref(), Ok(content), "{text:?}");
        }
    }

    #[test]
    fn w4_bounds_count_scalar_values_not_bytes() {
        assert_eq!(normalise(" \u{3000}\n"), Err(ContentError::Empty));
        for invisible in
            ["\u{200b}", "\u{2060}\n\u{feff}", "\u{ad}\u{200d}", "\u{2800} \u{3164}", "\u{202e}\u{202c}"]
        {
            assert_eq!(normalise(invisible), Err(ContentError::Empty), "V13 {invisible:?}");
        }
        assert!(normalise("\u{202e}x").is_ok());
        assert!(normalise(&"é".repeat(5_000)).is_ok());
        assert!(normalise(&"👩".repeat(5_000)).is_ok());
        assert_eq!(normalise(&"e\u{301}".repeat(2_501)), Err(ContentError::TooLong));
        assert_eq!(normalise("a\0b"), Err(ContentError::Nul));
    }

    #[test]
    fn w4_what_is_measured_is_what_is_bounded() {
        for text in ["", " \n", " a\r\nb\rc\n ", "\r\n\r  a\r\n b", "👩🏽", "e\u{301}", "\u{3000}x\u{3000}"]
        {
            assert_eq!(measure(text), normalise(text).map_or(0, |text| text.chars().count()), "{text:?}");
        }
        let longest = "\r\n👩".repeat(2_500);
        assert_eq!((measure(&longest), normalise(&longest).is_ok()), (4_999, true));
        let more = format!("x{}y", "\r\n👩".repeat(2_500));
        assert_eq!((measure(&more), normalise(&more)), (5_002, Err(ContentError::TooLong)));
    }

    #[test]
    fn the_hash_tells_conversation_reply_and_text_apart() {
        let base = content_hash_input(ConversationId(1), "a", None);
        assert_ne!(base, content_hash_input(ConversationId(2), "a", None));
        assert_ne!(base, content_hash_input(ConversationId(1), "b", None));
        assert_ne!(base, content_hash_input(ConversationId(1), "a", Some(MessageId(1))));
    }
}
