//! Catalogue of the server: all languages, compiled in.

use super::Language;
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};
use leptos::prelude::use_context;
use unic_langid::LanguageIdentifier;
use unicode_segmentation::UnicodeSegmentation as _;

/// The reader's language: the server has put it into the context of the page.
fn language() -> Language {
    use_context().unwrap_or_default()
}

pub(super) fn find(key: &str) -> Option<String> {
    crate::_rust_i18n_try_translate(language().code(), key).map(std::borrow::Cow::into_owned)
}

pub(super) fn plural_category(n: u32) -> &'static str {
    thread_local! {
        static RULES: [Option<PluralRules>; 3] = Language::ALL.map(rules);
    }
    let language = language();
    let at = Language::ALL.iter().position(|&one| one == language).unwrap_or(0);
    let category = RULES.with(|rules| rules[at].as_ref().and_then(|rules| rules.select(n).ok()));
    match category {
        Some(PluralCategory::ZERO) => "zero",
        Some(PluralCategory::ONE) => "one",
        Some(PluralCategory::TWO) => "two",
        Some(PluralCategory::FEW) => "few",
        Some(PluralCategory::MANY) => "many",
        Some(PluralCategory::OTHER) | None => "other",
    }
}

pub(super) fn first_letter(text: &str) -> String {
    text.graphemes(true).next().unwrap_or_default().to_owned()
}

fn rules(language: Language) -> Option<PluralRules> {
    let code: LanguageIdentifier = language.code().parse().ok()?;
    PluralRules::create(code, PluralRuleType::CARDINAL).ok()
}

/// Areas of the catalogue that only the server reads: pages do not bring them along.
pub(super) const SERVER_ONLY: [&str; 10] = [
    "account.",
    "demo.",
    "form.",
    "moderation.",
    "no_page.",
    "page.",
    "push.",
    "settings.",
    "sign_in.",
    "zones.",
];

/// All words of a language as a JSON object, for a page to bring along: safe within a `<script>`.
pub(crate) fn catalogue(language: Language) -> String {
    use std::sync::LazyLock;

    static CATALOGUES: LazyLock<[String; 3]> = LazyLock::new(|| {
        Language::ALL.map(|language| {
            let words = |language: Language| {
                crate::_RUST_I18N_BACKEND.messages_for_locale(language.code()).unwrap_or_default()
            };
            // English stands in for missing translations.
            let mut all: std::collections::BTreeMap<_, _> = words(Language::En).into_iter().collect();
            all.extend(words(language));
            all.retain(|key, _| !SERVER_ONLY.iter().any(|area| key.starts_with(area)));
            serde_json::to_string(&all).unwrap_or_default().replace('<', "\\u003c")
        })
    });
    let at = Language::ALL.iter().position(|&one| one == language).unwrap_or(0);
    CATALOGUES[at].clone()
}
