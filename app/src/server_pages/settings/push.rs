//! Section of the settings: notifications of this device while Rapport is closed (web push).

use super::Sheet;
use crate::i18n::t;
use leptos::prelude::*;

/// The section. A script (`push.js`) shows the state of the browser, and the button; without it the section says what it needs.
pub(super) fn section(sheet: &Sheet) -> impl IntoView {
    let states = [
        ("unsupported", t!("settings.push_unsupported")),
        ("blocked", t!("settings.push_blocked")),
        ("off", t!("settings.push_off")),
        ("on", t!("settings.push_on")),
        ("failed", t!("settings.push_failed")),
    ];
    let states = states.map(|(state, words)| view! { <p data-state=state hidden>{words}</p> });
    view! {
        <section id="push" data-me=sheet.person.id.to_string()>
            <h2>{t!("settings.push")}</h2>
            <p class="quiet">{t!("settings.push_hint")}</p>
            <div role="status">
                <p data-state="no-script">{t!("settings.push_no_script")}</p>
                {states.collect_view()}
            </div>
            <p>
                <button
                    class="button plain"
                    type="button"
                    data-on=t!("settings.push_turn_on")
                    data-off=t!("settings.push_turn_off")
                    hidden
                ></button>
            </p>
        </section>
    }
}
