//! Mentions in the text of a message: the usernames of members, emphasised, and the reader's own more strongly.

use crate::client::Client;
use leptos::prelude::*;
use protocol::{ConversationId, mentions, readings};

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Plain(&'a str),
    /// A mention; whether it is of the reader.
    Mention(&'a str, bool),
}

/// Splits a text at its mentions. `find` says of a username whether it is a member's, and whether that is the reader.
fn split<'a>(text: &'a str, find: impl Fn(&str) -> Option<bool>) -> Vec<Part<'a>> {
    let (mut parts, mut from) = (Vec::new(), 0);
    for (range, name) in mentions(text) {
        let found = readings(name).find_map(|reading| Some((reading.len(), find(reading)?)));
        let Some((length, is_own)) = found else { continue };
        let to = range.start + '@'.len_utf8() + length;
        if range.start > from {
            parts.extend(text.get(from..range.start).map(Part::Plain));
        }
        parts.extend(text.get(range.start..to).map(|word| Part::Mention(word, is_own)));
        from = to;
    }
    parts.extend(text.get(from..).filter(|rest| !rest.is_empty()).map(Part::Plain));
    parts
}

/// The text with its mentions marked.
pub(super) fn with_mentions(client: Client, id: ConversationId, text: String) -> AnyView {
    if !text.contains('@') {
        return text.into_any();
    }
    let me = client.me();
    client.peek(|state| {
        let members = state.rooms.get(&id).map(|room| room.summary.members.as_slice()).unwrap_or_default();
        let parts = split(&text, |name| {
            let mut there = members.iter().filter(|member| !member.left);
            let found = there.find(|member| member.user.username.eq_ignore_ascii_case(name))?;
            Some(found.user.id == me)
        });
        let parts = parts.into_iter().map(|part| match part {
            Part::Plain(text) => text.to_owned().into_any(),
            Part::Mention(word, is_own) => {
                let class = if is_own { "mention own" } else { "mention" };
                view! { <bdi class=class>{word.to_owned()}</bdi> }.into_any()
            }
        });
        parts.collect_view().into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Part::{Mention, Plain};

    #[test]
    fn n1_a_text_is_split_at_the_names_of_members() {
        let find = |name: &str| match name {
            "ana" => Some(true),
            "ben.b" => Some(false),
            _ => None,
        };
        for (text, parts) in [
            ("hello", vec![Plain("hello")]),
            ("@ana", vec![Mention("@ana", true)]),
            ("see @ana.", vec![Plain("see "), Mention("@ana", true), Plain(".")]),
            ("@nobody @ben.b-", vec![Plain("@nobody "), Mention("@ben.b", false), Plain("-")]),
            ("ü@ana\n@ben.b", vec![Plain("ü"), Mention("@ana", true), Plain("\n"), Mention("@ben.b", false)]),
            ("", vec![]),
        ] {
            assert_eq!(split(text, find), parts, "{text:?}");
        }
    }
}
