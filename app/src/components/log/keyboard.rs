//! The log by keyboard: arrows go from message to message, Enter opens the menu of one.

use super::scroll::Visible;
use crate::components::focus::focus_in_place;
use crate::components::keys::is_composing;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Takes a key that was pressed in the log.
pub(super) fn handle_key(log: &HtmlElement, event: &KeyboardEvent) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let at_row = target.has_attribute("data-client-id");
    if is_composing(event) || !at_row && target != **log {
        return;
    }
    let to = match event.key().as_str() {
        "ArrowUp" if !at_row => Visible::of(log).and_then(|rows| rows.last()),
        "ArrowUp" => neighbour(&target, Element::previous_element_sibling),
        "ArrowDown" if at_row => neighbour(&target, Element::next_element_sibling),
        "Enter" if at_row => {
            let button = target.query_selector(".menu-button").ok().flatten();
            if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
                event.prevent_default();
                button.click();
            }
            return;
        }
        _ => return,
    };
    if let Some(row) = to.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        focus_in_place(&row);
        row.scroll_into_view_with_bool(false);
    }
}

/// The next message in a direction; headings of days are passed over.
fn neighbour(row: &Element, step: fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut next = step(row);
    while let Some(row) = &next
        && !row.has_attribute("data-client-id")
    {
        next = step(row);
    }
    next
}

/// The focused element within the log.
pub(super) fn focused_in(log: &HtmlElement) -> Option<HtmlElement> {
    let active = leptos::prelude::document().active_element();
    active.filter(|active| **active != ***log && log.contains(Some(active)))?.dyn_into().ok()
}
