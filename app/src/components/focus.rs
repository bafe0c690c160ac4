//! Keyboard focus.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

/// Animation frames within which an element that is to be focused has to appear.
const FRAMES: u8 = 30;

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Whether the main input is by touch: focusing a text box would open the on-screen keyboard.
pub(super) fn is_touch() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}

/// Whether this element has the focus in a focused page.
pub(super) fn has_focus(element: &HtmlElement) -> bool {
    let document = document();
    document.has_focus().unwrap_or(false) && document.active_element().as_ref() == Some(element)
}

/// Whether an element of the page has the focus.
pub(super) fn has_focus_elsewhere() -> bool {
    document().active_element().is_some_and(|active| active.tag_name() != "BODY")
}

/// Focuses the element of this selector as soon as it is on the page, unless the reader has gone to a text field meanwhile.
pub(super) fn focus_when_there(selector: &str) {
    within(selector.to_owned(), document().active_element(), FRAMES);
}

/// Whether the focus is in a text field, where the reader may be typing.
pub(super) fn is_in_text_field() -> bool {
    document().active_element().is_some_and(|active| is_text_field(&active))
}

fn is_text_field(element: &Element) -> bool {
    matches!(&*element.tag_name(), "TEXTAREA" | "INPUT")
}

fn within(selector: String, before: Option<Element>, frames: u8) {
    request_animation_frame(move || {
        let active = document().active_element();
        if active != before && active.as_ref().is_some_and(is_text_field) {
            return;
        }
        match find(&selector) {
            Some(element) => drop(element.focus()),
            None if frames > 0 => within(selector, before, frames - 1),
            None => {}
        }
    });
}

/// Focuses an element without scrolling to it, unless it has the focus.
pub(super) fn focus_in_place(element: &HtmlElement) {
    if document().active_element().as_ref() != Some(element) {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}

/// Moves the focus after a navigation: to what one would type in next, or back to where one came from.
pub(super) fn after_navigation(from: &str, to: &str) {
    if to.starts_with("/c/") {
        focus_when_there(if is_touch() { ".main h1" } else { ".composer textarea" });
    } else if to == "/" {
        focus_when_there(&format!(".item[href='{from}']"));
    } else if to == "/new" {
        focus_when_there(".people-search input");
    } else {
        focus_when_there(".main h1");
    }
}
