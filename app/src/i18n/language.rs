//! Languages of the catalogue.

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English (`en`).
    #[default]
    En,
    /// German (`de`).
    De,
    /// Arabic (`ar`).
    Ar,
}

impl Language {
    /// All languages, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::Ar];

    /// Value of `<html lang>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Ar => "ar",
        }
    }

    /// Name of the language in the language itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Ar => "العربية",
        }
    }

    /// Value of `<html dir>`.
    #[must_use]
    pub fn direction(self) -> &'static str {
        if self == Self::Ar { "rtl" } else { "ltr" }
    }

    /// The language of a code, its region aside ("de-AT").
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let tongue = code.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(tongue))
    }

    /// The language with the highest weight in an `Accept-Language` header; `None` if the catalogue has none of them.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut wanted: Vec<(u16, Self)> = header
            .split(',')
            .take(32)
            .filter_map(|part| {
                let (code, weight) = part.split_once(';').unwrap_or((part, ""));
                Some((thousandths(weight.trim())?, Self::of(code.trim())?))
            })
            .filter(|(weight, _)| *weight > 0)
            .collect();
        // Stable: of equals the first counts.
        wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wanted.first().map(|(_, language)| *language)
    }
}

/// `q=0.8` as 800; nothing said is 1,000.
fn thousandths(weight: &str) -> Option<u16> {
    if weight.is_empty() {
        return Some(1_000);
    }
    let (whole, part) =
        weight.strip_prefix("q=")?.split_once('.').unwrap_or((weight.strip_prefix("q=")?, ""));
    let part: u16 = if part.is_empty() { 0 } else { format!("{part:0<3}").get(..3)?.parse().ok()? };
    Some((whole.parse::<u16>().ok()?.min(1) * 1_000 + part).min(1_000))
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_browser_s_first_choice_that_we_have() {
        let choice = Language::accepted;
        assert_eq!(choice("de-AT,de;q=0.9,en;q=0.8"), Some(Language::De));
        assert_eq!(choice("fr, ar;q=0.5, en;q=0.7"), Some(Language::En));
        assert_eq!(choice("ar;q=0"), None);
        assert_eq!(choice("fr"), None);
        assert_eq!(choice(""), None);
        assert_eq!(choice("de;q=x, ;;;, en;q=99999"), None, "what cannot be read does not count");
    }
}
