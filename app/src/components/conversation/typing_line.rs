//! Typing line: who is typing, else who came or went just now.

use crate::client::{Client, RoomPart, use_client};
use crate::i18n::t;
use leptos::prelude::*;
use protocol::ConversationId;

/// "A is typing…", "A and B are typing…", "A, B and 2 others are typing…".
fn typing_words(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [a] => t!("typing.one", a = a),
        [a, b] => t!("typing.two", a = a, b = b),
        [a, b, c] => t!("typing.three", a = a, b = b, c = c),
        [a, b, rest @ ..] => t!("typing.more", a = a, b = b, n = rest.len()),
    }
}

/// Names of the people who are typing in a conversation, without the reader.
fn typing_names(client: Client, id: ConversationId) -> Vec<String> {
    let names = client.room(id, RoomPart::Typing, |room| {
        let name = |user, username: &String| {
            let member = room.summary.members.iter().find(|member| member.user.id == user);
            member.map_or_else(|| username.clone(), |member| client.name_of(&member.user))
        };
        room.typing.iter().map(|(&user, (username, _))| name(user, username)).collect()
    });
    names.unwrap_or_default()
}

/// Whether anybody is typing in a conversation.
pub(crate) fn is_typing(client: Client, id: ConversationId) -> bool {
    client.room(id, RoomPart::Typing, |room| !room.typing.is_empty()).unwrap_or_default()
}

/// Text of the typing line: who is typing, else who came or went last.
pub(crate) fn typing_line_text(client: Client, id: ConversationId) -> String {
    let typing = typing_words(&typing_names(client, id));
    if !typing.is_empty() {
        return typing;
    }
    let last = client.room(id, RoomPart::Ephemeral, |room| {
        let notice = room.ephemeral.last()?;
        let member = room.summary.members.iter().find(|member| member.user.id == notice.user);
        let name = member.map_or_else(|| notice.name.clone(), |member| client.name_of(&member.user));
        Some((notice.came, name))
    });
    match last.flatten() {
        Some((true, name)) => t!("presence_note.joined", name = name),
        Some((false, name)) => t!("presence_note.left", name = name),
        None => String::new(),
    }
}

/// The line under the messages. It is always there, so that nothing jumps; the announcer speaks it.
#[component]
pub(super) fn TypingLine(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let words = Memo::new(move |_| typing_line_text(client, id));
    view! {
        <p class="typing" class:is-on=Signal::derive(move || is_typing(client, id))>
            <span class="one-line">{Signal::derive(move || words.get())}</span>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::typing_words;

    #[test]
    fn t3_names_two_and_counts_the_others() {
        let names: Vec<String> = ["A", "B", "C", "D"].map(String::from).into();
        assert_eq!(typing_words(&names[..0]), "");
        assert_eq!(typing_words(&names[..1]), "A is typing…");
        assert_eq!(typing_words(&names[..2]), "A and B are typing…");
        assert_eq!(typing_words(&names), "A, B and 2 others are typing…");
    }
}
