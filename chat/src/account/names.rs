//! The rules for usernames, passwords, and first and last names.

use protocol::{ErrorBody, ErrorCode, limits};
use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;

/// Maximum length of a first or last name, in characters.
const MAX_NAME: usize = 80;
/// Maximum number of combining marks on one letter. Pointed Hebrew with cantillation needs four; more of them cover the
/// lines above and below.
const MAX_MARKS: usize = 4;

/// A rule for usernames, passwords and names that an input breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountRule {
    /// A username has 3 to 32 characters.
    UsernameLength,
    /// A username has only ASCII letters, digits, `_`, `.` and `-`.
    UsernameCharacters,
    /// A password has at least 8 bytes.
    PasswordTooShort,
    /// A password has at most 1,024 bytes.
    PasswordTooLong,
    /// A password has no control characters.
    PasswordControls,
    /// A first or last name has at most 80 characters.
    NameTooLong,
    /// A letter of a name has at most 4 combining marks.
    NameMarks,
    /// A name does not begin with a combining mark.
    NameBeginsWithMark,
    /// A name has no control, formatting or invisible characters.
    NameInvisible,
}

impl AccountRule {
    /// The sentence of the rule on the wire.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::UsernameLength => "A username has 3 to 32 characters",
            Self::UsernameCharacters => "A username is made of the letters a to z, digits, and _ . -",
            Self::PasswordTooShort => "A password has at least 8 characters",
            Self::PasswordTooLong => "A password has at most 1,024 bytes",
            Self::PasswordControls => {
                "A password cannot hold control characters, such as tabs and line breaks"
            }
            Self::NameTooLong => "A name has at most 80 characters",
            Self::NameMarks => "A name has at most 4 marks on one letter",
            Self::NameBeginsWithMark => "A name cannot begin with a mark that belongs to a letter",
            Self::NameInvisible => "A name cannot hold invisible characters",
        }
    }
}

impl From<AccountRule> for ErrorBody {
    fn from(rule: AccountRule) -> Self {
        Self::because(ErrorCode::Invalid, rule.text())
    }
}

impl From<AccountRule> for crate::Error {
    fn from(rule: AccountRule) -> Self {
        Self::Refused(rule.into())
    }
}

/// Checks a username. Only ASCII is allowed, so that no two usernames look alike; first and last names may use any script.
pub(super) fn username(name: &str) -> Result<(), AccountRule> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !limits::USERNAME.contains(&name.len()) {
        return Err(AccountRule::UsernameLength);
    }
    if !name.chars().all(allowed) {
        return Err(AccountRule::UsernameCharacters);
    }
    Ok(())
}

/// Checks the length of a password in the form that is hashed.
pub(super) fn password(password: &str) -> Result<(), AccountRule> {
    match password.len() {
        n if n < *limits::PASSWORD.start() => Err(AccountRule::PasswordTooShort),
        n if n > *limits::PASSWORD.end() => Err(AccountRule::PasswordTooLong),
        _ => Ok(()),
    }
}

/// Trims and checks a first or last name. Characters that hide or reorder the text around the name are refused.
pub(super) fn name(name: &str) -> Result<String, AccountRule> {
    let name = name.trim();
    if name.chars().nth(MAX_NAME).is_some() {
        return Err(AccountRule::NameTooLong);
    }
    if longest_run(name, is_combining_mark) > MAX_MARKS {
        return Err(AccountRule::NameMarks);
    }
    if name.starts_with(is_combining_mark) {
        return Err(AccountRule::NameBeginsWithMark);
    }
    // Joiners (U+200C, U+200D) are part of Persian words and of emoji, but a name of joiners alone is invisible.
    let joiner = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    let tricky = |c: char| {
        c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{2800}' | '\u{200b}' | '\u{200e}'
                | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
                | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
    };
    if name.chars().any(tricky) || (!name.is_empty() && name.chars().all(joiner)) {
        return Err(AccountRule::NameInvisible);
    }
    Ok(name.to_owned())
}

/// Length of the longest run of such characters.
fn longest_run(text: &str, such: impl Fn(char) -> bool) -> usize {
    text.split(|c| !such(c)).map(|run| run.chars().count()).max().unwrap_or(0)
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
        assert_eq!(name(&tower), Err(AccountRule::NameMarks));
        for long in [format!("a{}", "\u{301}".repeat(10_000)), "W".repeat(5_000)] {
            assert_eq!(name(&long), Err(AccountRule::NameTooLong));
        }
        for bad in ["\u{202e}evil", "\u{200b}", "\u{200d}", "a\u{2066}b", "a\0b", &"n".repeat(81)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
