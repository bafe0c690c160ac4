//! The rules for usernames, passwords, and first and last names.

use crate::entered_text::{LineError, one_line};
use protocol::{ErrorBody, ErrorCode, limits};
use serde::{Deserialize, Serialize};

/// Maximum length of a first or last name, in characters.
const MAX_NAME: usize = 80;

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
    /// A name does not begin with `@`, which marks usernames.
    NameBeginsWithAt,
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
            Self::NameBeginsWithAt => "A name cannot begin with @",
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
pub(crate) fn username(name: &str) -> Result<(), AccountRule> {
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

/// Normalises and checks a first or last name.
pub(crate) fn name(name: &str) -> Result<String, AccountRule> {
    let name = one_line(name, MAX_NAME)?;
    if name.starts_with(['@', '\u{ff20}', '\u{fe6b}']) {
        return Err(AccountRule::NameBeginsWithAt);
    }
    Ok(name)
}

impl From<LineError> for AccountRule {
    fn from(error: LineError) -> Self {
        match error {
            LineError::TooLong => Self::NameTooLong,
            LineError::Marks => Self::NameMarks,
            LineError::BeginsWithMark => Self::NameBeginsWithMark,
            LineError::Invisible => Self::NameInvisible,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization as _;

    #[test]
    fn v15_a_name_does_not_begin_as_a_username_is_shown() {
        for bad in ["@cara", " @cara", "＠cara", "﹫cara"] {
            assert_eq!(name(bad), Err(AccountRule::NameBeginsWithAt), "{bad}");
        }
        assert_eq!(name("Cara @ work").as_deref(), Ok("Cara @ work"));
    }

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
            assert_eq!(name(good), Ok(good.nfc().collect()));
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
