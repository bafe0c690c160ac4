//! Section of the settings: theme, language, time zone.

use super::zones::ZoneSelect;
use super::{Form, Said, Sheet};
use crate::components::PersonField;
use crate::i18n::{Language, t};
use crate::theme::Theme;
use leptos::prelude::*;
use protocol::AUTO;

pub(super) fn section(sheet: &Sheet) -> impl IntoView {
    let kept = &sheet.preferences;
    // A script applies choices at once, but not those that are filled in again.
    let by_script = sheet.said(Form::Appearance).is_none_or(|flash| flash.refused.is_none());
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
                    <ZoneSelect
                        zones=sheet.zones
                        chosen=sheet.text(Form::Appearance, "time_zone", &sheet.preferences.time_zone)
                    />
                    {sheet
                        .wrong(Form::Appearance, "time_zone")
                        .map(|wrong| view! { <small class="wrong" role="alert">{wrong}</small> })}
                </label>
                <p data-script=by_script.then_some("hides")><button class="button">{t!("settings.save")}</button></p>
                <p class="quiet" data-script=by_script.then_some("shows") hidden>{t!("settings.at_once")}</p>
            </form>
        </section>
    }
}
