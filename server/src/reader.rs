//! How a page is to be shown to whoever asks for it: in which language, light or dark, in which time zone.

mod zone;

use app::{Language, ReaderZone, Theme};
use axum::http::{HeaderMap, header};
use std::collections::HashMap;
use tower_sessions::cookie::Cookie;

/// What a page is rendered by.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) zone: ReaderZone,
}

impl Reader {
    /// As the browser says it.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = cookies.flat_map(Cookie::split_parse).flatten();
        let cookies: HashMap<String, String> =
            cookies.map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned())).collect();
        let cookie = |name: &str| cookies.get(name).map(String::as_str);
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language =
            cookie("lang").and_then(Language::of).or_else(|| accepted.and_then(Language::accepted));
        Self {
            language: language.unwrap_or_default(),
            theme: cookie("theme").map(Theme::of).unwrap_or_default(),
            zone: cookie("tz").and_then(|name| zone::named(name, false)).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> Reader {
        let pairs = pairs.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        Reader::of(&pairs.collect::<HeaderMap>())
    }

    #[test]
    fn f2_what_was_chosen_counts_before_what_the_browser_accepts() {
        assert_eq!(of(&[]).language, Language::En);
        assert_eq!(of(&[("accept-language", "de-AT,en;q=0.5")]).language, Language::De);
        let chosen = of(&[("accept-language", "de"), ("cookie", "x=y; lang=ar; theme=dark")]);
        assert_eq!((chosen.language, chosen.theme), (Language::Ar, Theme::Dark));
        let nonsense = of(&[("cookie", "lang=; theme=<b>; tz=../../etc/passwd; ;;=")]);
        assert_eq!((nonsense.language, nonsense.theme), (Language::En, Theme::Auto));
        assert_eq!(nonsense.zone, ReaderZone::default());
    }
}
