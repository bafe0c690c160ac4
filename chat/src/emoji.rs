//! The emoji of a group's picture.

use icu_properties::CodePointSetData;
use icu_properties::props::ExtendedPictographic;
use unicode_segmentation::UnicodeSegmentation as _;

/// Longest emoji, in bytes: a family with its skin tones has about fifty.
const MAX_BYTES: usize = 160;
/// Turns a digit into a key of a telephone.
const KEYCAP: char = '\u{20e3}';

/// The emoji without the white space around it; `None` if the text is not exactly one.
pub(crate) fn one_emoji(text: &str) -> Option<&str> {
    let text = text.trim();
    if text.len() > MAX_BYTES || text.graphemes(true).count() != 1 {
        return None;
    }
    let pictures = CodePointSetData::new::<ExtendedPictographic>();
    let first = text.chars().next()?;
    let is_flag = matches!(first, '\u{1f1e6}'..='\u{1f1ff}') && text.chars().count() == 2;
    let is_key = matches!(first, '0'..='9' | '#' | '*') && text.ends_with(KEYCAP);
    (pictures.contains(first) || is_flag || is_key).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c3_one_emoji_and_nothing_else() {
        for emoji in [
            "🎲",
            "👩\u{200d}🚀",
            "👍🏽",
            "🇩🇪",
            "1\u{fe0f}\u{20e3}",
            "❤\u{fe0f}",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ] {
            assert_eq!(one_emoji(&format!(" {emoji} ")), Some(emoji), "{emoji}");
        }
        let zalgo = format!("🎲{}", "\u{301}".repeat(100));
        for other in
            ["", " ", "a", "1", "🎲🎲", "🎲a", "🇩", "\u{200d}", "\u{fe0f}", "字", "\0", zalgo.as_str()]
        {
            assert_eq!(one_emoji(other), None, "{other:?}");
        }
    }
}
