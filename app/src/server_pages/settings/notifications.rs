//! Section of the settings: kinds of notifications, quiet hours.

use super::checkbox::checkbox;
use super::zones::place;
use super::{Form, Said, Sheet};
use crate::components::PersonField;
use crate::datetime::ReaderZone;
use crate::i18n::t;
use leptos::prelude::*;

pub(super) fn section(sheet: &Sheet) -> impl IntoView {
    let kept = &sheet.preferences;
    let check =
        |name, kept, label, hint| checkbox(sheet, Form::Notifications, name, kept, label, hint).into_any();
    view! {
        <section id="notifications">
            <h2>{t!("settings.notifications")}</h2>
            <form class="form" method="post" action="/settings/notifications">
                <PersonField me=sheet.person.id />
                <Said flash=sheet.said(Form::Notifications) />
                <fieldset class="choice">
                    <legend>{t!("settings.notify_of")}</legend>
                    {check("notify_direct", kept.notify_direct, t!("settings.notify_direct"), None)}
                    {check("notify_mention", kept.notify_mention, t!("settings.notify_mention"), None)}
                    {check("notify_group", kept.notify_group, t!("settings.notify_group"), None)}
                    {check("notify_added", kept.notify_added, t!("settings.notify_added"), None)}
                </fieldset>
                <fieldset class="choice">
                    <legend>{t!("settings.notify_how")}</legend>
                    {check("sound", kept.sound, t!("settings.sound"), None)}
                    {check(
                        "push_content",
                        kept.push_content,
                        t!("settings.push_content"),
                        Some(t!("settings.push_content_hint")),
                    )}
                </fieldset>
                {quiet_hours(sheet)}
                <p><button class="button">{t!("settings.save")}</button></p>
            </form>
        </section>
    }
}

/// The two times, and the zone that they are in.
fn quiet_hours(sheet: &Sheet) -> impl IntoView {
    let kept = &sheet.preferences;
    let device = use_context::<ReaderZone>().map(|zone| zone.name).filter(|name| !name.is_empty());
    let zone = match kept.zone().map(str::to_owned).or(device) {
        Some(zone) => t!("settings.quiet_zone", zone = place(&zone)),
        None => t!("settings.quiet_no_zone"),
    };
    let time = |name: &'static str, label: String, kept: Option<u16>| {
        let wrong = sheet.wrong(Form::Notifications, name);
        let described = if wrong.is_some() { format!("{name}-wrong") } else { "quiet-zone".to_owned() };
        let invalid = wrong.is_some();
        view! {
            <div class="field">
                <label r#for=name>{label}</label>
                <input
                    id=name
                    name=name
                    r#type="time"
                    value=sheet.text(Form::Notifications, name, &kept.map(clock).unwrap_or_default())
                    aria-invalid=invalid.then_some("true")
                    aria-describedby=described
                    autofocus=invalid
                />
                {wrong.map(|wrong| view! { <small class="wrong" id=format!("{name}-wrong")>{wrong}</small> })}
            </div>
        }
    };
    view! {
        <fieldset class="choice">
            <legend>{t!("settings.quiet_hours")}</legend>
            <div class="pair">
                {time("quiet_from", t!("settings.quiet_from"), kept.quiet_from)}
                {time("quiet_to", t!("settings.quiet_to"), kept.quiet_to)}
            </div>
            <p class="quiet" id="quiet-zone">{zone}</p>
        </fieldset>
    }
}

/// A minute of the day as a time field has it.
fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn n2_a_minute_is_written_as_time_fields_read_it() {
        assert_eq!([0, 7 * 60, 22 * 60 + 5, 1_439].map(clock), ["00:00", "07:00", "22:05", "23:59"]);
    }
}
