//! The catalogue and the code that asks for its words.

use super::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn words(language: Language) -> BTreeMap<String, String> {
    let words = crate::_RUST_I18N_BACKEND.messages_for_locale(language.code()).expect("a catalogue");
    words.into_iter().map(|(key, words)| (key.into_owned(), words.into_owned())).collect()
}

/// Keys that the code passes to `t!` and `plural!`.
fn asked_for(folder: &Path, asked: &mut BTreeSet<(String, bool)>) {
    for entry in std::fs::read_dir(folder).expect("the code") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            asked_for(&path, asked);
        } else if path.file_name().is_some_and(|name| name != "tests.rs") && !path.ends_with("i18n/mod.rs") {
            let code = std::fs::read_to_string(&path).expect("a file of the code");
            for (sign, plural) in
                [("plural!(", true), (" t!(", false), ("(t!(", false), ("{t!(", false), ("=t!(", false)]
            {
                for (at, _) in code.match_indices(sign) {
                    let rest = code[at + sign.len()..].trim_start();
                    if let Some((key, _)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                        asked.insert((key.to_owned(), plural));
                    }
                }
            }
        }
    }
}

#[test]
fn f2_every_word_that_the_code_asks_for_is_in_the_catalogue() {
    let mut asked = BTreeSet::new();
    asked_for(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut asked);
    assert!(asked.len() > 20, "the code asks for words: {asked:?}");
    let known = words(Language::En);
    let missing: Vec<_> = asked
        .iter()
        .map(|(key, plural)| if *plural { format!("{key}.other") } else { key.clone() })
        .filter(|key| !known.contains_key(key))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn f2_the_browser_asks_for_no_word_that_only_the_server_has() {
    let src = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut asked = BTreeSet::new();
    ["client", "components", "routing"].iter().for_each(|folder| asked_for(&src.join(folder), &mut asked));
    assert!(asked.len() > 20, "the code asks for words: {asked:?}");
    asked.retain(|(key, _)| super::compiled::SERVER_ONLY.iter().any(|area| key.starts_with(area)));
    assert_eq!(asked, BTreeSet::new());
}

#[test]
fn f2_words_are_filled_in_and_counted() {
    assert_eq!(super::counted("time.minutes", 1), "1 min");
    assert_eq!(super::counted("time.minutes", 5), "5 min");
    assert_eq!(t!("time.date", day = 3, month = "Feb"), "3 Feb");
}

/// Names of the placeholders `%{…}` in a text.
fn gaps(words: &str) -> BTreeSet<&str> {
    words.split("%{").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn f2_every_key_has_words_in_every_language_with_the_same_gaps() {
    let english = words(Language::En);
    for language in Language::ALL {
        let known = words(language);
        let keys = |words: &BTreeMap<String, String>| words.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&known), keys(&english), "{language:?}");
        for (key, words) in known {
            assert!(!words.trim().is_empty(), "{language:?} {key}");
            // "One minute" says its number by itself.
            let counted = [".zero", ".one", ".two"].iter().any(|ending| key.ends_with(ending));
            let (gaps, all) = (gaps(&words), gaps(&english[&key]));
            assert!(gaps == all || counted && gaps.is_subset(&all), "{language:?} {key}: {words}");
        }
    }
}

#[test]
fn f2_numbers_are_counted_as_each_language_does() {
    // The categories of the CLDR: every language has a word for each of its own, or says "other".
    for (language, categories) in [
        (Language::En, vec!["one", "other"]),
        (Language::De, vec!["one", "other"]),
        (Language::Ar, vec!["zero", "one", "two", "few", "many", "other"]),
    ] {
        let owner = leptos::prelude::Owner::new();
        let counted: BTreeSet<_> = owner.with(|| {
            leptos::prelude::provide_context(language);
            [0, 1, 2, 3, 11, 100].map(super::source::plural_category).into_iter().collect()
        });
        assert_eq!(counted, categories.into_iter().collect(), "{language:?}");
    }
}
