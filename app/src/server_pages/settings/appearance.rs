//! Theme, language, time zone.

use super::{Form, Said, Sheet};
use crate::components::PersonField;
use crate::i18n::{Language, t};
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
                <p><button class="button">{t!("settings.save")}</button></p>
            </form>
        </section>
    }
}

/// All zones, by region. The browser's own is named, so that one sees what "as the browser" means.
fn zones(sheet: &Sheet) -> impl IntoView {
    let chosen = sheet.text(Form::Appearance, "time_zone", &sheet.preferences.time_zone);
    let here = use_context::<ReaderZone>().filter(|zone| !zone.chosen && !zone.name.is_empty());
    let auto = match here {
        Some(zone) => t!("settings.same_as_browser_zone", zone = place(&zone.name)),
        None => t!("settings.same_as_browser"),
    };
    let regions = sheet.zones.chunk_by(|a, b| region(a) == region(b)).map(|zones| {
        let options = zones.iter().map(|zone| {
            let name = place(zone);
            view! { <option value=zone.as_str() selected=*zone == chosen>{name}</option> }
        });
        view! { <optgroup label=region(&zones[0]).to_owned()>{options.collect_view()}</optgroup> }
    });
    view! {
        <select name="time_zone">
            <option value=AUTO selected=chosen == AUTO>
                {auto}
            </option>
            {regions.collect_view()}
        </select>
    }
}

fn region(zone: &str) -> &str {
    zone.split('/').next().unwrap_or_default()
}

/// A zone as people name it: its city.
fn place(zone: &str) -> String {
    zone.split_once('/').map_or(zone, |(_, place)| place).replace('_', " ").replace('/', ", ")
}
