//! Mentions of people in a text: `@` and a username. The same in the browser and on the server.

use std::ops::Range;

/// Whether a character can be part of a username, or stands before an `@` that begins no word, as in an address of mail.
fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// The words of a text that may be mentions, in their order: the range of bytes of each, which begins with the `@`, and the
/// name behind it, longest reading first. A name may end with a dot or a hyphen that ends the sentence, so it has shorter
/// readings without these, from [`readings`].
pub fn mentions(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.match_indices('@').filter_map(|(at, _)| {
        let before = text.get(..at)?.chars().next_back();
        if before.is_some_and(|c| is_name_character(c) || c == '@') {
            return None;
        }
        let behind = text.get(at + 1..)?;
        let end = behind.find(|c| !is_name_character(c)).unwrap_or(behind.len());
        let name = behind.get(..end).filter(|name| !name.is_empty())?;
        Some((at..at + 1 + end, name))
    })
}

/// Whether a character ends a word in scripts that set no space there.
fn is_punctuation(c: char) -> bool {
    matches!(c, '«' | '»' | '،' | '؛' | '؟' | '۔' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF0F}')
}

/// The mention that is being typed at the caret, a place in bytes: the place of its `@`, and the word behind that, which
/// may be empty. It begins as those of [`mentions`] do, and ends at the caret. The word may have letters that no username
/// has: the beginning of a displayed name.
#[must_use]
pub fn typed_mention(text: &str, caret: usize) -> Option<(usize, &str)> {
    let (before, behind) = text.split_at_checked(caret)?;
    if behind.starts_with(is_name_character) {
        return None;
    }
    let at = before.rfind('@')?;
    if before.get(..at)?.ends_with(|c| is_name_character(c) || c == '@') {
        return None;
    }
    let is_letter = |c: char| !c.is_ascii() && !c.is_whitespace() && !is_punctuation(c);
    let word = before.get(at + 1..)?;
    word.chars().all(|c| is_name_character(c) || is_letter(c)).then_some((at, word))
}

/// The usernames that a word of [`mentions`] can name, longest first.
pub fn readings(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| {
        let shorter: &str = name.strip_suffix(['.', '-', '_'])?;
        (!shorter.is_empty()).then_some(shorter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        mentions(text).map(|(_, name)| name).collect()
    }

    #[test]
    fn n1_an_at_sign_that_begins_a_word_mentions() {
        for (text, found) in [
            ("@ana", vec!["ana"]),
            ("hello @Ana and @ben.b!", vec!["Ana", "ben.b"]),
            ("(@ana)", vec!["ana"]),
            ("你好@ana，", vec!["ana"]),
            ("🚀@ana", vec!["ana"]),
            ("write to ana@ben.org", vec![]),
            ("ana.@ben", vec![]),
            ("@@ana", vec![]),
            ("@ ana", vec![]),
            ("@", vec![]),
            ("@ana@ben", vec!["ana"]),
            ("a\n@ana\n", vec!["ana"]),
        ] {
            assert_eq!(names(text), found, "{text:?}");
        }
    }

    #[test]
    fn n1_the_range_is_that_of_the_word() {
        let text = "ä @ana.";
        let (range, name) = mentions(text).next().expect("a mention");
        assert_eq!((&text[range], name), ("@ana.", "ana."));
    }

    #[test]
    fn n1_a_mention_is_typed_from_its_at_sign_to_the_caret() {
        // The caret is at `|`.
        for (text, typed) in [
            ("@|", Some((0, ""))),
            ("hello @an|", Some((6, "an"))),
            ("hello @an| and more", Some((6, "an"))),
            ("(@an|)", Some((1, "an"))),
            ("@ana\n@ben.b-|", Some((5, "ben.b-"))),
            ("你好@an|，", Some((6, "an"))),
            ("🚀@Än|", Some((4, "Än"))),
            ("@محم|، نعم", Some((0, "محم"))),
            ("", None),
            ("|@ana", None),
            ("@a|na", None),
            ("@ana |", None),
            ("@ana, |", None),
            ("@ana\n|", None),
            ("@ana,|", None),
            ("你好@ana，|", None),
            ("@أنا،|", None),
            ("write to ana@b|", None),
            ("ana.@b|", None),
            ("@@an|", None),
            ("@ana@b|", None),
        ] {
            let caret = text.find('|').unwrap_or_default();
            assert_eq!(typed_mention(&text.replace('|', ""), caret), typed, "{text:?}");
        }
        assert_eq!(typed_mention("ä", 1), None, "within a character");
        assert_eq!(typed_mention("@a", 3), None, "behind the text");
    }

    #[test]
    fn n1_the_end_of_a_sentence_is_no_part_of_a_name() {
        assert_eq!(readings("ana.-").collect::<Vec<_>>(), ["ana.-", "ana.", "ana"]);
        assert_eq!(readings("...").collect::<Vec<_>>(), ["...", "..", "."]);
        assert_eq!(readings("ben.b").collect::<Vec<_>>(), ["ben.b"]);
    }
}
