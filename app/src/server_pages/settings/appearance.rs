//! Theme, language, time zone.

use super::{Form, Said, Sheet};
use crate::components::PersonField;
use crate::i18n::{Language, nth, t};
use crate::{ReaderZone, Theme};
use leptos::prelude::*;

/// What stands for "as the device has it".
const AUTO: &str = "auto";

pub(super) fn section(sheet: &Sheet) -> impl IntoView {
    let kept = &sheet.preferences;
    let theme = sheet.text(Form::Appearance, "theme", &kept.theme);
    let themes = Theme::ALL.map(|choice| {
        let words = match choice {
            Theme::Auto => t!("settings.same_as_system"),
            Theme::Light => t!("settings.light"),
            Theme::Dark => t!("settings.dark"),
        };
        view! {
            <label class="option">
                <input r#type="radio" name="theme" value=choice.code() checked=choice.code() == theme />
                <span>{words}</span>
            </label>
        }
    });
    let language = sheet.text(Form::Appearance, "language", &kept.language);
    let languages = Language::ALL.map(|choice| {
        view! {
            <option value=choice.code() lang=choice.code() dir=choice.direction() selected=choice.code() == language>
                {choice.name()}
            </option>
        }
    });
    view! {
        <section id="appearance">
            <h2>{t!("settings.appearance")}</h2>
            <form class="form" method="post" action="/settings/appearance">
                <PersonField me=sheet.person.id />
                <Said flash=sheet.said(Form::Appearance) />
                <fieldset class="choice">
                    <legend>{t!("settings.theme")}</legend>
                    <div class="options">{themes.collect_view()}</div>
                </fieldset>
                <label class="field">
                    <span>{t!("settings.language")}</span>
                    <select name="language">
                        <option value=AUTO selected=language == AUTO>
                            {t!("settings.same_as_browser")}
                        </option>
                        {languages.collect_view()}
                    </select>
                </label>
                <label class="field">
                    <span>{t!("settings.time_zone")}</span>
                    {zones(sheet)}
                </label>
                <p data-script="hides"><button class="button">{t!("settings.save")}</button></p>
                <p class="quiet" data-script="shows" hidden>{t!("settings.at_once")}</p>
            </form>
        </section>
    }
}

/// All zones. The browser's own is named, so that one sees what "same as browser" means.
fn zones(sheet: &Sheet) -> impl IntoView {
    let chosen = sheet.text(Form::Appearance, "time_zone", &sheet.preferences.time_zone);
    let here = use_context::<ReaderZone>().filter(|zone| !zone.chosen && !zone.name.is_empty());
    let auto = match here {
        Some(zone) => t!("settings.same_as_browser_zone", zone = place(&zone.name)),
        None => t!("settings.same_as_browser"),
    };
    let zones = sheet.zones.iter().map(|zone| {
        view! { <option value=zone.as_str() selected=*zone == chosen>{place(zone)}</option> }
    });
    view! {
        <select name="time_zone">
            <option value=AUTO selected=chosen == AUTO>
                {auto}
            </option>
            {zones.collect_view()}
        </select>
    }
}

/// The regions that the names of zones begin with, in the order of the catalogue's words for them.
const REGIONS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// A zone as people name it, "Europe/Berlin": the region in the reader's language, the city as the IANA has it.
fn place(zone: &str) -> String {
    let Some((region, city)) = zone.split_once('/') else { return zone.to_owned() };
    let known = REGIONS.iter().zip(0..).find(|(name, _)| **name == region);
    let region = known.map_or_else(|| region.to_owned(), |(_, at)| nth(&t!("settings.regions"), at));
    format!("{region}/{}", city.replace('_', " ").replace('/', ", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f2_a_zone_is_named_by_its_region_in_the_readers_language_and_its_city() {
        let named = |language: Language, zone| {
            let owner = Owner::new();
            owner.with(|| {
                provide_context(language);
                place(zone)
            })
        };
        assert_eq!(named(Language::En, "Europe/Berlin"), "Europe/Berlin");
        assert_eq!(named(Language::De, "Europe/Berlin"), "Europa/Berlin");
        assert_eq!(named(Language::De, "Indian/Maldives"), "Indischer\u{a0}Ozean/Maldives");
        assert_eq!(named(Language::En, "America/Argentina/Buenos_Aires"), "America/Argentina, Buenos Aires");
        assert_eq!(named(Language::Ar, "Asia/Riyadh"), "آسيا/Riyadh");
        assert_eq!(named(Language::De, "UTC"), "UTC");
        for language in Language::ALL {
            let owner = Owner::new();
            owner.with(|| {
                provide_context(language);
                assert_eq!(t!("settings.regions").split(' ').count(), REGIONS.len(), "{language:?}");
            });
        }
    }
}
