//! Avatars: initials, or an emoji, on a colour, or an image.

use crate::i18n::first_letter;
use leptos::prelude::*;
use protocol::{Person, Status};

/// Initials of the first and the last word. The style sheet makes them capitals: Unicode's table of letters would be two
/// per cent of the download.
fn initials(name: &str) -> String {
    let is_mark = |c: char| c.is_ascii_punctuation();
    // A username behind the name begins with an isolate.
    let is_name = |word: &&str| !word.starts_with('\u{2066}');
    let mut words = name
        .split_whitespace()
        .filter(is_name)
        .map(|word| word.trim_start_matches(is_mark))
        .filter(|word| !word.is_empty());
    let first = words.next().unwrap_or(name);
    let last = words.next_back().unwrap_or_default();
    first_letter(first) + &first_letter(last)
}

/// The picture of a person or a group. Without an emoji and an image it has the initials of the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The number that one of eight colours is chosen by.
    pub(crate) hue: i64,
    /// The chosen emoji of a group.
    pub(crate) emoji: Option<String>,
    /// The URL of the image of a person.
    pub(crate) image: Option<String>,
}

impl From<&Person> for Picture {
    fn from(person: &Person) -> Self {
        Self { hue: person.face(), emoji: None, image: person.picture.clone() }
    }
}

/// The picture of a person or a group, round. An image that cannot be loaded leaves the initials.
#[component]
pub(crate) fn Avatar(#[prop(into)] picture: Picture, #[prop(into)] name: String) -> impl IntoView {
    let Picture { hue, emoji, image } = picture;
    let kind = if emoji.is_some() { " is-emoji" } else { "" };
    let image = image.map(|src| {
        view! { <img class="avatar-image" src=src alt="" loading="lazy" referrerpolicy="no-referrer" /> }
    });
    view! {
        <span class=format!("avatar hue-{}{kind}", hue.rem_euclid(8)) aria-hidden="true">
            {emoji.unwrap_or_else(|| initials(&name))}
            {image}
        </span>
    }
}

/// Avatar of a person or a group, with a dot for presence. The words for it stand elsewhere.
#[component]
pub(crate) fn Face(
    #[prop(into)] picture: Picture,
    #[prop(into)] name: String,
    #[prop(optional)] group: bool,
    #[prop(optional)] status: Status,
) -> impl IntoView {
    view! {
        <span class=if group { "face is-group" } else { "face" } data-presence=presence_code(status)>
            <Avatar picture name />
        </span>
    }
}

/// Value of `data-presence`.
pub(crate) fn presence_code(status: Status) -> Option<&'static str> {
    match status {
        Status::Online => Some("online"),
        Status::Away => Some("away"),
        Status::Offline => None,
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
        // Letters of several code points stay whole.
        assert_eq!(initials("e\u{301}va क्षमा"), "e\u{301}क्ष");
        assert_eq!(initials("👩\u{200d}🚀 🇸🇪 Öst"), "👩\u{200d}🚀Ö");
    }
}
