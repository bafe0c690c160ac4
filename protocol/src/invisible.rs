//! Characters that show nothing.

/// Whether a character shows nothing by itself: white space, control characters, and what Unicode lets renderers
/// ignore (`Default_Ignorable_Code_Point`). Letters and emoji may need some of them between visible characters.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace() || c.is_control() || INVISIBLE.iter().any(|&(first, last)| (first..=last).contains(&c))
}

/// Unicode's `Default_Ignorable_Code_Point`, the empty pattern of Braille (U+2800), and the marks of interlinear annotations
/// (U+FFF9 to U+FFFB). A test compares them with the tables of ICU.
const INVISIBLE: [(char, char); 18] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

#[cfg(test)]
mod tests {
    use super::*;
    use icu_properties::CodePointSetData;
    use icu_properties::props::{DefaultIgnorableCodePoint, WhiteSpace};

    #[test]
    fn v13_invisible_is_as_unicode_has_it() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let white_space = CodePointSetData::new::<WhiteSpace>();
        let by_unicode = |c: char| {
            ignorable.contains(c)
                || white_space.contains(c)
                || c.is_control()
                || matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffb}')
        };
        let differ: Vec<_> = ('\0'..=char::MAX).filter(|&c| is_invisible(c) != by_unicode(c)).collect();
        assert_eq!(differ, ['x'; 0]);
    }
}
