//! Translations: one catalogue (`app/locales/`, a file for each area, all languages side by side).
//!
//! `t!("area.key")` gives the words in the reader's language, `t!("area.key", name = value)` with `%{name}` filled in,
//! `plural!("area.key", n)` takes `area.key.one`, `.other` and whatever else the language has, with `%{n}` filled in.
//! The server has the whole catalogue compiled in (`compiled`); a page brings the one of its language along, so the
//! browser loads no other (`page`).

mod language;
mod refusals;

#[cfg(not(feature = "hydrate"))]
pub(crate) mod compiled;
#[cfg(not(feature = "hydrate"))]
use compiled as source;

#[cfg(feature = "hydrate")]
mod page;
#[cfg(feature = "hydrate")]
use page as source;

pub use language::Language;
pub(crate) use refusals::reason;

/// The words of a key; the key itself where there are none, which a test rules out.
pub(crate) fn text(key: &str) -> String {
    lookup(key).unwrap_or_else(|| key.to_owned())
}

/// The words of a key that need not be in the catalogue.
pub(crate) fn lookup(key: &str) -> Option<String> {
    source::find(key)
}

/// The first letter of a text as people see it: a cluster of code points, such as a letter with its marks or an emoji.
pub(crate) fn first_letter(text: &str) -> String {
    source::first_letter(text)
}

/// The words of a key with their `%{name}`s filled in.
pub(crate) fn fill(key: &str, names: &[&str], values: &[String]) -> String {
    rust_i18n::replace_patterns(&text(key), names, values)
}

/// The words for so many: those of the language's category for `n`, else those for "other".
pub(crate) fn counted(key: &str, n: u32) -> String {
    let words = source::find(&format!("{key}.{}", source::plural_category(n)))
        .unwrap_or_else(|| text(&format!("{key}.other")));
    rust_i18n::replace_patterns(&words, &["n"], &[n.to_string()])
}

/// The word at this index of a text of the catalogue that is a list separated by spaces.
pub(crate) fn nth(words: &str, at: i64) -> String {
    let at = usize::try_from(at).unwrap_or_default();
    words.split(' ').nth(at).unwrap_or_default().to_owned()
}

/// Words of the catalogue in the reader's language.
macro_rules! t {
    ($key:literal) => {
        $crate::i18n::text($key)
    };
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::fill($key, &[$(stringify!($name)),+], &[$($value.to_string()),+])
    };
}
pub(crate) use t;

/// Words of the catalogue for a number.
macro_rules! plural {
    ($key:literal, $n:expr) => {
        $crate::i18n::counted($key, $n)
    };
}
pub(crate) use plural;

#[cfg(test)]
mod tests;
