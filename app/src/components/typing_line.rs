//! Who is typing.

use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup};
use protocol::{ConversationId, UserId};

/// "A is typing…", "A and B are typing…", "A, B and 2 others are typing…".
pub(super) fn sentence(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [a] => t!("typing.one", a = a),
        [a, b] => t!("typing.two", a = a, b = b),
        [a, b, c] => t!("typing.three", a = a, b = b, c = c),
        [a, b, rest @ ..] => t!("typing.more", a = a, b = b, n = rest.len()),
    }
}

/// Who is typing here, else who came or went just now.
pub(super) fn passing(client: Client, id: ConversationId) -> String {
    let typing = sentence(&typing_names(client, id));
    if !typing.is_empty() {
        return typing;
    }
    let last =
        client.room(id, |room| room.passing.last().map(|passing| (passing.came, passing.name.clone())));
    match last.flatten() {
        Some((true, name)) => t!("passing.joined", name = name),
        Some((false, name)) => t!("passing.left", name = name),
        None => String::new(),
    }
}

/// The line under the messages; always there, so that nothing jumps. It is spoken by the announcer.
pub(super) fn typing_line(client: Client, id: ConversationId) -> Markup {
    let typing = client.room(id, |room| !room.typing.is_empty()).unwrap_or_default();
    let is_on = if typing { " is-on" } else { "" };
    markup!("<p class='typing~'><span class='one-line'>~</span></p>", is_on, passing(client, id))
}

/// The names of those who type in a conversation, oneself never.
pub(crate) fn typing_names(client: Client, id: ConversationId) -> Vec<String> {
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
