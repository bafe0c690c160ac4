//! Content of a push.

use crate::store::{PushCandidate, PushKind};
use protocol::ConversationId;
use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation as _;

/// Maximum length of the quoted text, in characters.
const QUOTED: usize = 120;

/// Whether a device that saves energy is woken for it (RFC 8030, 5.3).
pub(super) fn urgency(kind: PushKind) -> &'static str {
    match kind {
        PushKind::Direct | PushKind::Mention => "high",
        PushKind::Group | PushKind::Added | PushKind::Role => "normal",
    }
}

/// Something unread in a conversation, to be put into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushNotice {
    /// The reason.
    pub kind: PushKind,
    /// The conversation.
    pub conversation: ConversationId,
    /// The title of a group, if it has one.
    pub title: Option<String>,
    /// The number of unread messages, at most [`protocol::limits::UNREAD_CAP`]; 1 for a mention, an addition and a role.
    pub count: u32,
    /// The name of the person whom it came from, and the beginning of the text of the message, empty if there is none; `None` unless
    /// the person wants it.
    pub content: Option<(String, String)>,
}

impl PushNotice {
    /// The notice about a candidate. Pushes carry content only if `with_content`.
    pub(super) fn of(candidate: &PushCandidate, with_content: bool) -> Self {
        let PushCandidate { kind, conversation, count, .. } = *candidate;
        let content = with_content.then(|| (candidate.sender.display_name(), beginning(&candidate.content)));
        let title = candidate.title.clone().filter(|_| with_content);
        Self { kind, conversation, title, count, content }
    }
}

/// The words of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushText {
    /// The title of the notification.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The language of both, as a code.
    pub language: &'static str,
    /// The direction of the language, `ltr` or `rtl`.
    pub direction: &'static str,
}

/// The payload that the service worker reads.
#[derive(Serialize)]
struct Payload<'a> {
    kind: PushKind,
    conversation_id: ConversationId,
    count: u32,
    path: String,
    tag: String,
    title: &'a str,
    body: &'a str,
    lang: &'static str,
    dir: &'static str,
}

/// The payload as JSON.
pub(super) fn payload(notice: &PushNotice, text: &PushText) -> serde_json::Result<Vec<u8>> {
    let id = notice.conversation;
    serde_json::to_vec(&Payload {
        kind: notice.kind,
        conversation_id: id,
        count: notice.count,
        path: format!("/c/{}", id.0),
        // As notifications of pages have it: a browser shows one of both.
        tag: format!("rapport.{}", id.0),
        title: &text.title,
        body: &text.body,
        lang: text.language,
        dir: text.direction,
    })
}

/// The beginning of a text in one line, of at most [`QUOTED`] characters and whole clusters.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTED {
        return line;
    }
    let (mut short, mut length) = (String::new(), 0);
    for cluster in line.graphemes(true) {
        length += cluster.chars().count();
        if length >= QUOTED {
            break;
        }
        short.push_str(cluster);
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n1_a_quoted_text_is_one_line_of_at_most_120_characters() {
        assert_eq!(beginning("  Two\n lines "), "Two lines");
        assert_eq!(beginning(&"a".repeat(120)), "a".repeat(120));
        assert_eq!(beginning(&"a".repeat(121)), format!("{}…", "a".repeat(119)));
        // A cluster is not cut: a family of seven code points.
        let family = "👨‍👩‍👧‍👦";
        let cut = beginning(&family.repeat(40));
        assert_eq!(cut, format!("{}…", family.repeat(17)));
        assert_eq!(beginning(&format!("e{}", "\u{301}".repeat(500))), "…", "one cluster of 501 characters");
    }

    #[test]
    fn n1_a_payload_has_at_most_3_kilobytes() {
        let long = "\u{10ffff}".repeat(80);
        let (title, body) = (format!("{long} {long}"), beginning(&"\u{1}".repeat(5_000)));
        let notice = PushNotice {
            kind: PushKind::Direct,
            conversation: ConversationId((1 << 53) - 1),
            title: Some(long.clone()),
            count: 100,
            content: Some((title.clone(), body.clone())),
        };
        let text = PushText { title: format!("{title} · {long}"), body, language: "en", direction: "ltr" };
        assert!(payload(&notice, &text).unwrap().len() <= 3_072);
    }
}
