//! Normalisation and rules of one line of text that people enter: first and last names, titles. Messages have
//! [`protocol::normalise`]; both use the same list of invisible characters.
//!
//! The rules are those of the profile Nickname (RFC 8266) with three differences. The normal form is NFC instead of NFKC, which
//! would rewrite what is shown (`ﷺ` becomes eighteen letters). Emoji sequences and the joiners of Persian and Indic words are
//! allowed. Case is kept, and people with similar names are told apart by [`crate::name_key`].

use protocol::is_invisible;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

/// Maximum number of combining marks on one letter. Pointed Hebrew with cantillation needs four; more of them cover the
/// lines above and below.
const MAX_MARKS: usize = 4;
/// Canonical combining class of a virama, after which a joiner selects the form of an Indic consonant.
const VIRAMA: u8 = 9;
/// Emoji that a sequence of tags makes the flag of a region.
const BLACK_FLAG: char = '\u{1f3f4}';
const CANCEL_TAG: char = '\u{e007f}';

/// Rule that a line of text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineError {
    /// The line has too many Unicode scalar values.
    TooLong,
    /// A letter has more than four combining marks.
    Marks,
    /// The line begins with a combining mark.
    BeginsWithMark,
    /// The line has control characters, bidi controls or other invisible characters, or nothing else.
    Invisible,
}

/// Normalises a line of text: NFC, spaces mapped to U+0020 and collapsed, none at the edges, and no joiners that join nothing.
/// The result may be empty. Bidi controls are refused, so that no text reorders what is shown around it. `most` is in Unicode
/// scalar values.
pub(crate) fn one_line(text: &str, most: usize) -> Result<String, LineError> {
    let text = text.trim();
    // Checked first, so that a huge text costs nothing.
    if text.chars().nth(most).is_some() {
        return Err(LineError::TooLong);
    }
    let chars: Vec<char> = text.nfc().collect();
    let mut line = String::with_capacity(text.len());
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        match c {
            _ if c.is_control() => return Err(LineError::Invisible),
            '\u{2028}' | '\u{2029}' => return Err(LineError::Invisible),
            _ if c.is_whitespace() => {
                if !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            '\u{200c}' | '\u{200d}' => {
                if joins(before, chars.get(at + 1).copied()) {
                    line.push(c);
                }
            }
            _ if !is_invisible(c) => line.push(c),
            _ if is_selector(c) && before.is_some_and(|before| !is_invisible(before)) => line.push(c),
            _ if is_tag(c) && in_flag(chars.get(..at).unwrap_or_default()) => line.push(c),
            _ => return Err(LineError::Invisible),
        }
    }
    if !text.is_empty() && line.chars().all(is_invisible) {
        return Err(LineError::Invisible);
    }
    if line.chars().nth(most).is_some() {
        return Err(LineError::TooLong);
    }
    // Decomposed, so that the number does not depend on which marks have a composed letter.
    let decomposed: String = line.nfd().collect();
    if decomposed.split(|c| !is_combining_mark(c)).any(|marks| marks.chars().count() > MAX_MARKS) {
        return Err(LineError::Marks);
    }
    if line.starts_with(is_combining_mark) {
        return Err(LineError::BeginsWithMark);
    }
    Ok(line)
}

/// Whether a joiner between these characters changes how they are shown.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let Some(before) = before.filter(|before| !before.is_ascii()) else { return false };
    let shows = |c: char| !is_invisible(c) || is_selector(c);
    let follows = after.is_some_and(|after| !after.is_ascii() && !is_invisible(after));
    canonical_combining_class(before) == VIRAMA || shows(before) && follows
}

/// Variation selectors, also those of Mongolian: they select the form of the character before them.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..=CANCEL_TAG)
}

/// Whether the text ends in a black flag, or in tags after one that are not cancelled.
fn in_flag(before: &[char]) -> bool {
    let mut open = before.iter().rev().skip_while(|c| is_tag(**c) && **c != CANCEL_TAG);
    open.next() == Some(&BLACK_FLAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<String, LineError> {
        one_line(text, 120)
    }

    #[test]
    fn v13_what_is_seen_is_kept_and_normalised() {
        for (entered, kept) in [
            (" Zoe\u{308} ", "Zoë"),
            ("Anna\u{a0} \u{3000}Lena", "Anna Lena"),
            ("", ""),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            ("क्\u{200d}", "क्\u{200d}"),
            ("👩\u{200d}🚀", "👩\u{200d}🚀"),
            ("❤\u{fe0f}\u{200d}🔥 Team", "❤\u{fe0f}\u{200d}🔥 Team"),
            (
                "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
                "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            ),
            // Joiners that join nothing would make a second name that looks the same.
            ("Be\u{200c}n\u{200d}", "Ben"),
            ("علي\u{200c}", "علي"),
        ] {
            assert_eq!(line(entered).as_deref(), Ok(kept), "{entered:?}");
            assert_eq!(line(kept).as_deref(), Ok(kept), "{entered:?}");
        }
    }

    #[test]
    fn v13_what_is_not_seen_is_refused() {
        for bad in [
            "\u{200b}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{3164}",
            "\u{2800}",
            "\u{ad}\u{ad}",
            "Team\u{202e}gnp.exe",
            "\u{2067}Team",
            "Te\u{200f}am",
            "a\nb",
            "a\u{2028}b",
            "x\u{e0041}",
            "🏴\u{e0067}\u{e007f}\u{e0067}",
        ] {
            assert_eq!(line(bad), Err(LineError::Invisible), "{bad:?}");
        }
        assert_eq!(line(&format!("a{}", "\u{301}".repeat(5))), Err(LineError::Marks));
        assert_eq!(line("\u{301}a"), Err(LineError::BeginsWithMark));
        assert_eq!(line(&"n".repeat(121)), Err(LineError::TooLong));
    }
}
