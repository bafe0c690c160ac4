//! Applies preferences that change while the page is open, here or on another device: theme, time zone, language.

use crate::client::{Client, StorageStatus};
use crate::datetime::Zone;
use crate::routing::{Location, Route};
use crate::server_fns::time_zone;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{AUTO, Preferences};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

/// Time between two looks whether the page can be loaded again.
const LOOK: Duration = Duration::from_secs(1);

/// Applies changes for as long as the page lives.
pub(super) fn follow(client: Client, location: Location) {
    Effect::new(move |before: Option<Preferences>| {
        let now = client.preferences(Clone::clone);
        if let Some(before) = before {
            if now.theme != before.theme
                && let Some(html) = document().document_element()
            {
                let _ = html.set_attribute("data-theme", &now.theme);
            }
            if now.time_zone != before.time_zone {
                show_time_zone(client, now.time_zone.clone());
            }
            if now.language != before.language {
                reload_when_idle(client, location);
            }
        }
        now
    });
}

/// Shows times in this zone, an IANA name or `auto`.
fn show_time_zone(client: Client, name: String) {
    if name == AUTO {
        let _ = client.zone.try_set(Zone::Browser);
        return;
    }
    spawn_local(async move {
        // Without an answer, the next page has it.
        if let Ok(zone) = time_zone(name).await {
            let _ = client.zone.try_set(Zone::Known(StoredValue::new(zone)));
        }
    });
}

/// Loads the page again, in the new language, as soon as nothing that is typed would be lost.
fn reload_when_idle(client: Client, location: Location) {
    if is_idle(client, location) {
        let _ = window().location().reload();
    } else {
        set_timeout(move || reload_when_idle(client, location), LOOK);
    }
}

fn is_idle(client: Client, location: Location) -> bool {
    // The form that changed the language brings the new page itself.
    if location.route.get_untracked() == Route::Settings && !document().hidden() {
        return false;
    }
    let drafts_are_kept = client.storage.get_untracked() == StorageStatus::Kept;
    let Ok(fields) = document().query_selector_all("input:not([type=hidden]), textarea") else { return true };
    (0..fields.length()).filter_map(|at| fields.get(at)).all(|field| {
        match field.dyn_into::<HtmlInputElement>() {
            Ok(input) => input.value() == input.default_value() && input.checked() == input.default_checked(),
            Err(field) => field.dyn_into::<HtmlTextAreaElement>().is_ok_and(|text| {
                let is_draft = drafts_are_kept && text.has_attribute("data-draft");
                text.default_value().is_ok_and(|before| before == text.value())
                    || (is_draft && !is_typed_in(&text))
            }),
        }
    })
}

fn is_typed_in(text: &HtmlTextAreaElement) -> bool {
    let document = document();
    let active = document.active_element();
    document.has_focus().unwrap_or(false) && active.is_some_and(|active| active.is_same_node(Some(text)))
}
