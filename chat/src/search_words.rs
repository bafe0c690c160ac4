//! Folded words of names and queries, for the search for people. The browser folds in the same steps
//! (`app/src/client/search_words.rs`).

use icu_properties::CodePointSetData;
use icu_properties::props::ExtendedPictographic;
use protocol::{FOLDED_LETTERS, is_invisible, is_word_alone};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;

/// Version of the folding. Names that were folded by an older version are folded again when a server starts.
pub(crate) const VERSION: i64 = 1;
/// Most words of a query that are looked up.
const MOST: usize = 8;

/// Folds a text: NFKD, lower case, without marks and ignorable characters, with other letters for those that do not decompose.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Decomposed again, because the lower case of a letter can be a composed one.
    let lower: String = text.nfkd().collect::<String>().to_lowercase().nfkd().collect();
    for c in lower.chars() {
        if is_combining_mark(c) || (is_invisible(c) && !c.is_whitespace()) {
            continue;
        }
        match FOLDED_LETTERS.iter().find(|(letter, _)| *letter == c) {
            Some((_, others)) => folded.push_str(others),
            None => folded.push(c),
        }
    }
    folded
}

/// The words of a folded text by Unicode's segmentation, which joins them at `.` and `_`; only `_` joins here. Characters of
/// scripts without spaces, and emoji, are words by themselves.
fn split(folded: &str) -> Vec<String> {
    let emoji = CodePointSetData::new::<ExtendedPictographic>();
    let mut words = Vec::new();
    for segment in folded.split_word_bounds() {
        let mut word = String::new();
        for c in segment.chars() {
            let alone = is_word_alone(c) || emoji.contains(c);
            if !alone && (c.is_alphanumeric() || c == '_') {
                word.push(c);
                continue;
            }
            push(&mut words, std::mem::take(&mut word));
            if alone {
                push(&mut words, c.to_string());
            }
        }
        push(&mut words, word);
    }
    words
}

/// Adds a word that is not empty and not of `_` alone.
fn push(words: &mut Vec<String>, word: String) {
    if word.chars().any(|c| c != '_') {
        words.push(word);
    }
}

/// The words of a person's names, each once, in order. Words that `_` joins are in it joined, and one by one.
pub(crate) fn of_names(names: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for name in names {
        for word in split(&fold(name)) {
            for part in word.split('_').filter(|part| !part.is_empty()) {
                words.push(part.to_owned());
            }
            words.push(word);
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// The words of a query. Each has to begin a word of a person's names.
pub(crate) fn of_query(query: &str) -> Vec<String> {
    let mut words = split(&fold(query));
    words.truncate(MOST);
    words
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde::Deserialize;

    /// Cases that the tests of the browser read, too.
    const CASES: &str = include_str!("../../protocol/tests/folding.json");

    #[derive(Deserialize)]
    pub(crate) struct Case {
        pub(crate) name: String,
        pub(crate) finds: Vec<String>,
        pub(crate) misses: Vec<String>,
    }

    pub(crate) fn cases() -> Vec<Case> {
        serde_json::from_str(CASES).expect("cases")
    }

    #[test]
    fn v14_words_are_found_by_their_beginnings_whatever_the_marks() {
        for Case { name, finds, misses } in cases() {
            let words = of_names(&[&name]);
            let fits = |query: &String| {
                let query = of_query(query);
                !query.is_empty()
                    && query.iter().all(|begin| words.iter().any(|word| word.starts_with(begin.as_str())))
            };
            for query in &finds {
                assert!(fits(query), "{name} by {query}: {words:?} {:?}", of_query(query));
            }
            for query in &misses {
                assert!(!fits(query), "{name} not by {query}: {words:?} {:?}", of_query(query));
            }
        }
        assert_eq!(of_query("% _ ' --"), [""; 0]);
    }
}
