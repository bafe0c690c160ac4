//! Keys of shown names: equal for names that look alike, so that clients tell such people apart.

use protocol::is_invisible;
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

/// The key of the shown name, or `None` if it is the shown name in ASCII lower case, which clients make themselves.
pub(crate) fn name_key(shown: &str) -> Option<String> {
    // NFKC first: the skeleton of UTS 39 knows compatibility characters by chance only. Its prototypes can be capitals.
    let lower = |text: &str| text.nfkc().collect::<String>().to_lowercase();
    let seen: String = lower(shown).chars().filter(|c| *c == ' ' || !is_invisible(*c)).collect();
    let key = lower(&skeleton(&seen).collect::<String>());
    (key != shown.to_ascii_lowercase()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(shown: &str) -> String {
        name_key(shown).unwrap_or_else(|| shown.to_ascii_lowercase())
    }

    #[test]
    fn v15_names_that_look_alike_have_the_same_key() {
        for (one, other) in [
            ("Cara Lind", "cara lind"),
            ("Cara Lind", "Сara Lind"),
            ("Cara", "\u{ff23}ara"),
            ("Ann", "An\u{200d}n"),
            ("Zoë", "Zoe\u{308}"),
            ("Bo0k", "BoOk"),
            ("modern", "modem"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        for (one, other) in [("Cara", "Carl"), ("Zoë", "Zoe"), ("Anna", "Ana")] {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
        assert_eq!(name_key("Cara Lind"), None);
    }
}
