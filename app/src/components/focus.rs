//! Where the keyboard is. Only called in the browser.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// So many frames a new page may take until what is to have the focus is there.
const FRAMES: u8 = 30;

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Whether fingers on glass do the typing: a focused text box would bring the keyboard up.
fn touched() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}

/// Puts the focus there, as soon as that is on the page.
pub(super) fn go(selector: &str) {
    within(selector.to_owned(), FRAMES);
}

fn within(selector: String, frames: u8) {
    request_animation_frame(move || match find(&selector) {
        Some(element) => drop(element.focus()),
        None if frames > 0 => within(selector, frames - 1),
        None => {}
    });
}

/// Where it belongs after a way from one address to another: to what one came for, or back to where one came from.
pub(crate) fn moved(from: &str, to: &str) {
    if to.starts_with("/c/") {
        go(if touched() { ".main h1" } else { ".composer textarea" });
    } else if to == "/" {
        go(&format!(".item[href='{from}']"));
    } else {
        go(".main h1");
    }
}
