//! The wires between the state and the document. They are of few types, so that a wire costs a visitor what it does, and
//! no more. Only called in the browser, except for [`effect`], which does nothing elsewhere.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, EventTarget, HtmlElement};

/// Runs once the page is there, and again whenever something changes that it read.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}

/// Hears events of a target, for as long as the effect lives that asks for it.
pub(crate) fn hear(target: &EventTarget, event: &'static str, hear: impl FnMut(Event) + 'static) {
    let hear = Closure::<dyn FnMut(Event)>::new(hear);
    let _ = target.add_event_listener_with_callback(event, hear.as_ref().unchecked_ref());
    let heard = StoredValue::new_local((target.clone(), hear));
    on_cleanup(move || {
        heard.try_with_value(|(target, hear)| {
            let _ = target.remove_event_listener_with_callback(event, hear.as_ref().unchecked_ref());
        });
    });
}

/// Hears events of the element that this selector finds.
pub(crate) fn hear_at(selector: &str, event: &'static str, heard: impl FnMut(Event) + 'static) {
    if let Some(element) = find(selector) {
        hear(&element, event, heard);
    }
}

/// The first element that this selector finds.
pub(crate) fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// What an event is about: the nearest element around its target that the selector finds.
pub(crate) fn closest(event: &Event, selector: &str) -> Option<HtmlElement> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()?.dyn_into().ok()
}

/// What is to be done by what was pressed: its `data-do`.
pub(crate) fn asked(event: &Event) -> String {
    closest(event, "[data-do]").and_then(|element| element.get_attribute("data-do")).unwrap_or_default()
}
