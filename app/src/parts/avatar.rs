//! A face without a picture.

use leptos::prelude::*;
use protocol::Status;

/// The style sheet makes them capitals: the table of all letters would be two per cent of what a visitor downloads.
fn initials(name: &str) -> String {
    let is_mark = |c: char| c.is_ascii_punctuation();
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|&c| !is_mark(c)));
    let first = words.next().or_else(|| name.chars().next());
    first.into_iter().chain(words.next_back()).collect()
}

/// Initials on a colour made from a number (`Person::face`).
#[component]
pub(crate) fn Avatar(id: i64, #[prop(into)] name: String) -> impl IntoView {
    view! {
        <span class=format!("avatar hue-{}", id.rem_euclid(8)) aria-hidden="true">
            {initials(&name)}
        </span>
    }
}

/// An avatar as people and groups are shown by: with a dot for who is there. The words for it stand elsewhere.
#[component]
pub(crate) fn Face(
    id: i64,
    #[prop(into)] name: String,
    #[prop(optional)] group: bool,
    #[prop(optional)] status: Status,
) -> impl IntoView {
    let presence = match status {
        Status::Online => Some("online"),
        Status::Away => Some("away"),
        Status::Offline => None,
    };
    view! {
        <span class=if group { "face is-group" } else { "face" } data-presence=presence>
            <Avatar id name />
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn of_the_first_and_the_last_name() {
        assert_eq!(initials("Ana de la Cruz"), "AC");
        assert_eq!(initials("ben"), "b");
        assert_eq!(initials("éva (Σ)"), "éΣ");
        assert_eq!(initials(""), "");
        assert_eq!(initials("-"), "-");
    }
}
