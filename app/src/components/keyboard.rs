//! The keys that work everywhere. What they do is written down in `keys`.

use super::{Jump, dialog};
use crate::wires::{find, hear};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Listens for as long as the page behind the sign-in lives.
pub(crate) fn listen(jump: Jump) {
    hear(&window(), "keydown", move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>()
            && !event.default_prevented()
            && pressed(event, jump)
        {
            event.prevent_default();
        }
    });
}

/// Whether the key was for us.
fn pressed(event: &KeyboardEvent, jump: Jump) -> bool {
    let command = event.ctrl_key() || event.meta_key();
    match event.key().as_str() {
        "k" if command && !event.alt_key() && !event.shift_key() => jump.open(),
        "ArrowUp" if event.alt_key() && !command => return step(false),
        "ArrowDown" if event.alt_key() && !command => return step(true),
        "?" if !command && !event.alt_key() && !writes(event) => dialog::show("keys"),
        "Escape" if !dialog::any() => return click(".details-close"),
        _ => return false,
    }
    true
}

/// Whether the key is a letter of something that is being written.
fn writes(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches("input, textarea, select").unwrap_or(false))
}

fn click(selector: &str) -> bool {
    find(selector).map(|element| element.click()).is_some()
}

/// To the next conversation of the list, or the one before; without one open, to the first.
fn step(down: bool) -> bool {
    let Ok(items) = document().query_selector_all(".item") else { return false };
    let item = |at: u32| items.get(at).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    let here =
        (0..items.length()).find(|&at| item(at).is_some_and(|item| item.has_attribute("aria-current")));
    let to = match here {
        None => Some(0),
        Some(at) if down => Some(at + 1),
        Some(at) => at.checked_sub(1),
    };
    if let Some(item) = to.and_then(item) {
        item.click();
        item.scroll_into_view_with_bool(false);
    }
    true
}
