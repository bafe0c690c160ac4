//! Letters that a search treats as other letters, although Unicode does not decompose them. Server and browser fold a text in
//! the same steps: NFKD, lower case, marks and ignorable characters removed, these letters replaced. Each uses the Unicode
//! tables that it has; `protocol/tests/folding.json` has the cases that tests of both read.

/// Lower-case letters without decomposition, with the letters that people type for them.
pub const FOLDED_LETTERS: [(char, &str); 34] = [
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ł', "l"),
    ('ħ', "h"),
    ('ŧ', "t"),
    ('ŋ', "n"),
    ('ı', "i"),
    ('ə', "e"),
    ('ĸ', "k"),
    ('ɓ', "b"),
    ('ɖ', "d"),
    ('ɗ', "d"),
    ('ƙ', "k"),
    ('ɛ', "e"),
    ('ɔ', "o"),
    ('ς', "σ"),
    ('ґ', "г"),
    // Tatweel and the hamza without a carrier. Decomposition leaves the carriers of the others.
    ('\u{640}', ""),
    ('ء', ""),
    ('ٱ', "ا"),
    ('ى', "ي"),
    ('ی', "ي"),
    ('ې', "ي"),
    ('ة', "ه"),
    ('ە', "ه"),
    ('ہ', "ه"),
    ('ھ', "ه"),
    ('ک', "ك"),
    ('ڪ', "ك"),
];

/// Whether a search takes the character as a word by itself: scripts that are written without spaces, where words of a
/// dictionary differ between browser and server. Han and Hiragana with their extensions, Thai, Lao, Myanmar and Khmer.
#[must_use]
pub fn is_word_alone(c: char) -> bool {
    matches!(c,
        '\u{e01}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3041}'..='\u{309f}'
        | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}
