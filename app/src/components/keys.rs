//! The log by keyboard: arrows go from message to message, Enter opens the menu of one.

use super::scroll::Visible;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Takes a key that was pressed in the log.
pub(super) fn pressed(log: &HtmlElement, event: &KeyboardEvent) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let at_row = target.has_attribute("data-client-id");
    if !at_row && target != **log {
        return;
    }
    let to = match event.key().as_str() {
        "ArrowUp" if !at_row => Visible::of(log).and_then(|rows| rows.last()),
        "ArrowUp" => beside(&target, Element::previous_element_sibling),
        "ArrowDown" if at_row => beside(&target, Element::next_element_sibling),
        "Enter" if at_row => {
            let button = target.query_selector("[data-do=menu]").ok().flatten();
            if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
                event.prevent_default();
                button.click();
            }
            return;
        }
        _ => return,
    };
    if let Some(row) = to {
        event.prevent_default();
        focus(&row);
        row.scroll_into_view_with_bool(false);
    }
}

/// The next message in a direction; heads of days are passed over.
fn beside(row: &Element, step: fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut next = step(row);
    while let Some(row) = &next
        && !row.has_attribute("data-client-id")
    {
        next = step(row);
    }
    next
}

/// What has the focus within the log, if it is in there.
pub(super) fn focused(log: &HtmlElement) -> Option<Element> {
    leptos::prelude::document()
        .active_element()
        .filter(|active| **active != ***log && log.contains(Some(active)))
}

/// Puts the focus somewhere, unless it is there; nothing scrolls.
pub(super) fn focus(element: &Element) {
    let there = leptos::prelude::document().active_element();
    if let Some(element) = element.dyn_ref::<HtmlElement>().filter(|_| there.as_ref() != Some(element)) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}
