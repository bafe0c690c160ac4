//! Folded words of names and queries, by the Unicode tables of the browser. The server folds in the same steps
//! (`chat/src/search_words.rs`).

use js_sys::{Array, JsString, RegExp};
use protocol::{FOLDED_LETTERS, is_word_alone};
use wasm_bindgen::JsCast;

/// Folds a text: NFKD, lower case, without marks and ignorable characters, with other letters for those that do not decompose.
fn fold(text: &str) -> String {
    let lower = JsString::from(text).normalize("NFKD").to_lower_case().normalize("NFKD");
    let ignored = RegExp::new(r"[\p{M}\p{Default_Ignorable_Code_Point}]", "gu");
    let text = String::from(lower.replace_by_pattern(&ignored, ""));
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match FOLDED_LETTERS.iter().find(|(letter, _)| *letter == c) {
            Some((_, others)) => folded.push_str(others),
            None => folded.push(c),
        }
    }
    folded
}

/// The words of a folded text: runs of letters, digits and `_`. Characters of scripts without spaces, and emoji, are words by
/// themselves.
fn split(folded: &str) -> Vec<String> {
    let runs = RegExp::new(r"\p{Extended_Pictographic}|[\p{L}\p{N}_]+", "gu");
    let found = JsString::from(folded).match_(&runs);
    let mut words = Vec::new();
    for run in found.iter().filter_map(|found| found.dyn_ref::<Array>()).flat_map(|found| found.iter()) {
        let run = run.as_string().unwrap_or_default();
        let mut begin = 0;
        for (at, c) in run.char_indices().filter(|(_, c)| is_word_alone(*c)) {
            let end = at + c.len_utf8();
            words.extend([&run[begin..at], &run[at..end]].map(str::to_owned));
            begin = end;
        }
        words.push(run[begin..].to_owned());
    }
    words.retain(|word| word.chars().any(|c| c != '_'));
    words
}

/// The words of a query.
pub(crate) fn of_query(query: &str) -> Vec<String> {
    split(&fold(query))
}

/// Whether each word of the query begins a word of the name, or a part of one that `_` joins. False without a word.
pub(crate) fn fit(query: &[String], name: &str) -> bool {
    let words = split(&fold(name));
    let begins = |word: &String, begin: &String| {
        word.starts_with(begin.as_str()) || word.split('_').any(|part| part.starts_with(begin.as_str()))
    };
    !query.is_empty() && query.iter().all(|begin| words.iter().any(|word| begins(word, begin)))
}
