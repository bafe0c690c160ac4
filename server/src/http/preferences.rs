//! Display preferences of a request: language, theme, time zone.

use app::{Language, ReaderZone, Theme};
use axum::http::{HeaderMap, HeaderName, header};
use chat::{Clock as _, SystemClock, zone};
use protocol::{AUTO, Preferences};
use std::collections::HashMap;
use tower_sessions::cookie::Cookie;

/// The preferences that a page is rendered with.
#[derive(Clone, Debug)]
pub(crate) struct DisplayPreferences {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) zone: ReaderZone,
    /// Whether the sidebar is folded.
    pub(crate) folded: bool,
}

impl DisplayPreferences {
    /// From the account; without one from cookies, which keep those of the last account; else from the browser's headers.
    pub(crate) fn of(headers: &HeaderMap, preferences: Option<&Preferences>) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = cookies.flat_map(Cookie::split_parse).flatten();
        let cookies: HashMap<String, String> =
            cookies.map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned())).collect();
        let cookie = |name: &str| cookies.get(name).map(String::as_str);
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());

        let theme = preferences.map(|kept| kept.theme.as_str()).or_else(|| cookie("theme"));
        let language = preferences.map(|kept| kept.language.as_str()).or_else(|| cookie("lang"));
        let language = language.and_then(Language::of).or_else(|| accepted.and_then(Language::accepted));
        let chosen = preferences.map(|kept| kept.time_zone.as_str()).filter(|&zone| zone != AUTO);
        let zone = chosen.and_then(|name| reader_zone(name, true));
        let zone = zone.or_else(|| cookie("tz").and_then(|name| reader_zone(name, false)));
        Self {
            language: language.unwrap_or_default(),
            theme: theme.map(Theme::of).unwrap_or_default(),
            zone: zone.unwrap_or_default(),
            folded: cookie("folded").is_some(),
        }
    }

    /// Takes `theme` and `lang` of the query of an embedded page, which the page around it chooses.
    pub(crate) fn choose(&mut self, query: &str) {
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "theme" => self.theme = Theme::of(&value),
                "lang" => self.language = Language::of(&value).unwrap_or(self.language),
                _ => {}
            }
        }
    }
}

/// The time zone that the browser's cookie reports, if there is such a zone.
pub(crate) fn device_zone(headers: &HeaderMap) -> Option<String> {
    // Without preferences none is chosen.
    Some(DisplayPreferences::of(headers, None).zone.name).filter(|name| !name.is_empty())
}

fn reader_zone(name: &str, chosen: bool) -> Option<ReaderZone> {
    let offsets = zone::offsets(name, SystemClock.now())?;
    Some(ReaderZone { name: name.to_owned(), chosen, offsets })
}

/// `Set-Cookie` headers that keep theme and language for pages before the sign-in, or that delete them.
pub(crate) fn cookies(preferences: &Preferences) -> [(HeaderName, String); 2] {
    [("theme", &preferences.theme), ("lang", &preferences.language)].map(|(name, value)| {
        let life = if value == AUTO { 0 } else { 31_536_000 };
        (header::SET_COOKIE, format!("{name}={value}; Path=/; Max-Age={life}; SameSite=Lax; HttpOnly"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> DisplayPreferences {
        let pairs = pairs.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        DisplayPreferences::of(&pairs.collect::<HeaderMap>(), None)
    }

    #[test]
    fn f2_chosen_preferences_take_precedence_over_headers() {
        assert_eq!(of(&[]).language, Language::En);
        assert_eq!(of(&[("accept-language", "de-AT,en;q=0.5")]).language, Language::De);
        let chosen = of(&[("accept-language", "de"), ("cookie", "x=y; lang=ar; theme=dark")]);
        assert_eq!((chosen.language, chosen.theme), (Language::Ar, Theme::Dark));
        let nonsense = of(&[("cookie", "lang=; theme=<b>; tz=../../etc/passwd; ;;=")]);
        assert_eq!((nonsense.language, nonsense.theme), (Language::En, Theme::Auto));
        assert_eq!(nonsense.zone, ReaderZone::default());
    }

    #[test]
    fn f2_the_account_takes_precedence_over_cookies() {
        let headers = [("cookie", "lang=ar; theme=dark; tz=Asia/Kolkata"), ("accept-language", "de")];
        let headers: HeaderMap = headers
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .into_iter()
            .collect();
        let mut kept = Preferences::default();
        let auto = DisplayPreferences::of(&headers, Some(&kept));
        assert_eq!((auto.language, auto.theme), (Language::De, Theme::Auto));
        assert_eq!((auto.zone.name.as_str(), auto.zone.chosen), ("Asia/Kolkata", false));
        kept = Preferences {
            theme: "light".into(),
            language: "en".into(),
            time_zone: "Europe/Berlin".into(),
            ..Preferences::default()
        };
        let chosen = DisplayPreferences::of(&headers, Some(&kept));
        assert_eq!((chosen.language, chosen.theme), (Language::En, Theme::Light));
        assert_eq!((chosen.zone.name.as_str(), chosen.zone.chosen), ("Europe/Berlin", true));
    }
}
