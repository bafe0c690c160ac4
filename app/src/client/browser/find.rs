//! Finding people while one types: the page for what was typed is fetched, and its part about who was found put in place.

use super::part::part;
use crate::components::escape;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

/// Nobody is asked for while the next letter is on its way.
const PAUSE: Duration = Duration::from_millis(150);

/// Where the sheet holds a search for people.
pub(crate) fn help_to_find(sheet: &HtmlElement) {
    let Ok(Some(form)) = sheet.query_selector("form[role=search]") else { return };
    // Each look at the list makes those before it void.
    let looks = Rc::new(Cell::new(0_u32));
    for (event, enter) in [("input", false), ("submit", true)] {
        let (looks, from) = (looks.clone(), form.clone());
        let hear = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let (looks, form) = (looks.clone(), from.clone());
            let this = looks.get().wrapping_add(1);
            looks.set(this);
            if enter {
                event.prevent_default();
            }
            let look = move || {
                leptos::task::spawn_local(async move {
                    let current = || looks.get() == this;
                    if current() {
                        let _ = look(&form, enter, current).await;
                    }
                });
            };
            set_timeout(look, if enter { Duration::ZERO } else { PAUSE });
        });
        let _ = form.add_event_listener_with_callback(event, hear.as_ref().unchecked_ref());
        hear.forget();
    }
}

async fn look(form: &Element, enter: bool, current: impl Fn() -> bool) -> Option<()> {
    let address = address(form)?;
    let found = part(&address, "found").await?;
    let place = document().get_element_by_id("found").filter(|_| current())?;
    place.set_inner_html(&found);
    let history = window().history().ok()?;
    let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
    if enter { press_only_person(&place) } else { Some(()) }
}

/// The address that the form would lead to.
fn address(form: &Element) -> Option<String> {
    let fields = form.query_selector_all("input").ok()?;
    let mut address = String::from("/new");
    for at in 0..fields.length() {
        let field: HtmlInputElement = fields.item(at)?.unchecked_into();
        let mark = if at == 0 { '?' } else { '&' };
        address.push_str(&format!("{mark}{}={}", field.name(), escape(&field.value())));
    }
    Some(address)
}

/// Enter was pressed: whoever is found alone is meant.
fn press_only_person(found: &Element) -> Option<()> {
    let people = found.query_selector_all("button.person").ok()?;
    if people.length() == 1 {
        people.item(0)?.unchecked_into::<HtmlElement>().click();
    }
    Some(())
}
