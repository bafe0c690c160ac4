//! A face without a picture.

use crate::markup::{Markup, markup};
use protocol::Status;

/// The style sheet makes them capitals: the table of all letters would be two per cent of what a visitor downloads.
fn initials(name: &str) -> String {
    let is_mark = |c: char| c.is_ascii_punctuation();
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|&c| !is_mark(c)));
    let first = words.next().or_else(|| name.chars().next());
    first.into_iter().chain(words.next_back()).collect()
}

/// Initials on a colour made from a number (`Person::face`).
pub(crate) fn avatar(id: i64, name: &str) -> Markup {
    markup!("<span class='avatar hue-~' aria-hidden='true'>~</span>", id.rem_euclid(8), initials(name))
}

/// An avatar as people and groups are shown by: with a dot for who is there. The words for it stand elsewhere.
pub(crate) fn face(id: i64, name: &str, group: bool, status: Status) -> Markup {
    let class = if group { "face is-group" } else { "face" };
    let presence = match status {
        Status::Online => " data-presence='online'",
        Status::Away => " data-presence='away'",
        Status::Offline => "",
    };
    markup!("<span class='~'~>~</span>", class, markup!(presence), avatar(id, name))
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
