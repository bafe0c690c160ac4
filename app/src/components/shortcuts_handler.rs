//! Keyboard shortcuts that work everywhere. The dialog of shortcuts lists them.

use super::dialog;
use super::keys::{is_command, is_composing, is_letter};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Listens until the owner is cleaned up. `jump`: opens the jump dialog.
pub(super) fn listen(jump: RwSignal<bool>) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented() && !is_composing(&event) && handle_key(&event, jump) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whether the key was a shortcut.
fn handle_key(event: &KeyboardEvent, jump: RwSignal<bool>) -> bool {
    let plain = !event.ctrl_key() && !event.meta_key();
    if is_command(event) && is_letter(event, 'k') {
        jump.set(true);
        return true;
    }
    match event.key().as_str() {
        "ArrowUp" if event.alt_key() && plain => return go_to_neighbour(false),
        "ArrowDown" if event.alt_key() && plain => return go_to_neighbour(true),
        "?" | "؟" if plain && !event.alt_key() && !is_in_text(event) => dialog::open("keys"),
        "Escape" if !dialog::is_any_open() => return click(".details-close"),
        _ => return false,
    }
    true
}

/// Whether the key is part of a text that is being typed.
fn is_in_text(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches("input, textarea, select").unwrap_or(false))
}

fn click(selector: &str) -> bool {
    let element = document().query_selector(selector).ok().flatten();
    let element = element.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.map(|element| element.click()).is_some()
}

/// Goes to the next conversation of the list, or the one before; without an open one, to the first.
fn go_to_neighbour(down: bool) -> bool {
    let Ok(items) = document().query_selector_all(".item") else { return false };
    let item = |at: u32| items.get(at).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    let open =
        (0..items.length()).find(|&at| item(at).is_some_and(|item| item.has_attribute("aria-current")));
    let to = match open {
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
