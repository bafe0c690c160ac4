//! Validation of usernames, names and passwords.

use protocol::{ErrorBody, ErrorCode, limits};
use unicode_normalization::char::is_combining_mark;

/// Maximum number of characters of a first or last name.
const MAX_NAME: usize = 80;
/// Maximum number of combining marks on one letter, as Hebrew with points and cantillation has. More of them would cover the
/// neighbouring lines.
const MARKS: usize = 4;

/// Validates a username: 3 to 32 letters, digits or `_ . -`. ASCII only, so that usernames that look the same are the same;
/// first and last names may use every script.
pub(super) fn username(name: &str) -> Result<(), ErrorBody> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !limits::USERNAME.contains(&name.len()) {
        return Err(invalid("A username has 3 to 32 characters"));
    }
    if !name.chars().all(allowed) {
        return Err(invalid("A username is made of the letters a to z, digits, and _ . -"));
    }
    Ok(())
}

/// Validates the length of a password, 8 to 1,024 bytes, before it is hashed: a huge one would cost much.
pub(super) fn password(password: &str) -> Result<(), ErrorBody> {
    match password.len() {
        n if n < *limits::PASSWORD.start() => Err(invalid("A password has at least 8 characters")),
        n if n > *limits::PASSWORD.end() => Err(invalid("A password has at most 1,024 bytes")),
        _ => Ok(()),
    }
}

/// Validates and trims a first or last name: at most 80 characters, none of which hides or reverses the text around it.
pub(super) fn name(name: &str) -> Result<String, ErrorBody> {
    let name = name.trim();
    if name.chars().nth(MAX_NAME).is_some() {
        return Err(invalid("A name has at most 80 characters"));
    }
    // Joiners (U+200C, U+200D) are used in Persian and in emoji, but a name of joiners alone is invisible.
    if longest_run(name, is_combining_mark) > MARKS {
        return Err(invalid("A name has at most 4 marks on one letter"));
    }
    if name.starts_with(is_combining_mark) {
        return Err(invalid("A name cannot begin with a mark that belongs to a letter"));
    }
    let joiner = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    let tricky = |c: char| {
        c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{2800}' | '\u{200b}' | '\u{200e}'
                | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
                | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
    };
    if name.chars().any(tricky) || (!name.is_empty() && name.chars().all(joiner)) {
        return Err(invalid("A name cannot hold invisible characters"));
    }
    Ok(name.to_owned())
}

/// The length of the longest run of such characters.
fn longest_run(text: &str, such: impl Fn(char) -> bool) -> usize {
    text.split(|c| !such(c)).map(|run| run.chars().count()).max().unwrap_or(0)
}

fn invalid(why: &str) -> ErrorBody {
    ErrorBody::because(ErrorCode::Invalid, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames() {
        for good in ["abc", "Anna", "a.b-c_9", &"x".repeat(32)] {
            assert!(username(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", &"x".repeat(33), "a b", "anna\u{200b}", "аnna", "a/b", "anna\n", "<b>x"] {
            assert!(username(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a6_a_huge_password_is_refused_by_its_length() {
        assert!(password(&"x".repeat(1_000_000)).is_err());
        assert!(password(&"x".repeat(1_024)).is_ok());
        assert!(password("1234567").is_err());
    }

    #[test]
    fn b4_names_hide_and_turn_nothing() {
        assert_eq!(name(" Zoë \n"), Ok("Zoë".into()));
        assert_eq!(name(""), Ok(String::new()));
        assert!(name("می\u{200c}خواهم").is_ok());
        for good in ["Nguyễn", "Nguye\u{302}\u{303}n", "שָׁלוֹם", "श्री", "ஸ்ரீ", "ประวิทย์", "👩\u{200d}🚀"]
        {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in
            ["\u{202a}x", "x\u{202c}", "\u{2069}", "\u{2800}", "\u{301}", "\u{fe0f}", "\u{200e}", "\u{feff}"]
        {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        let tower = format!("a{}", "\u{301}".repeat(5));
        assert_eq!(name(&tower).unwrap_err().message, "A name has at most 4 marks on one letter");
        for long in [format!("a{}", "\u{301}".repeat(10_000)), "W".repeat(5_000)] {
            assert_eq!(name(&long).unwrap_err().message, "A name has at most 80 characters");
        }
        for bad in ["\u{202e}evil", "\u{200b}", "\u{200d}", "a\u{2066}b", "a\0b", &"n".repeat(81)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
