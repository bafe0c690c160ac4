//! Who is typing.

use crate::client::use_client;
use leptos::prelude::*;
use protocol::{ConversationId, UserId};

/// "A is typing…", "A and B are typing…", "A, B and 2 others are typing…".
fn sentence(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("{one} is typing…"),
        [one, two] => format!("{one} and {two} are typing…"),
        [one, two, three] => format!("{one}, {two} and {three} are typing…"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} others are typing…", rest.len()),
    }
}

/// The line under the messages; always there, so that nothing jumps.
#[component]
pub(crate) fn TypingLine(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let words = Memo::new(move |_| sentence(&typing_names(client, id)));
    view! {
        <p class="typing" aria-live="polite">
            {move || words.get()}
        </p>
    }
}

/// The names of those who type in a conversation, oneself never.
pub(crate) fn typing_names(client: crate::client::Client, id: ConversationId) -> Vec<String> {
    let name = |room: &protocol::reducer::Room, user: UserId, username: &str| {
        let member = room.summary.members.iter().find(|member| member.user.id == user);
        member.map_or_else(|| username.to_owned(), |member| member.user.display_name())
    };
    client
        .room(id, |room| {
            room.typing.iter().map(|(&user, (username, _))| name(room, user, username)).collect()
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn t3_names_two_and_counts_the_others() {
        let names: Vec<String> = ["A", "B", "C", "D"].map(String::from).into();
        assert_eq!(sentence(&names[..0]), "");
        assert_eq!(sentence(&names[..1]), "A is typing…");
        assert_eq!(sentence(&names[..2]), "A and B are typing…");
        assert_eq!(sentence(&names), "A, B and 2 others are typing…");
    }
}
