//! Clicks on links to live pages, and the browser's Back and Forward.

use super::location::window_url;
use super::{Location, Route};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

/// Follows links to live pages without a load, until the owner is cleaned up.
pub(crate) fn follow_links(location: Location) {
    let clicks = window_event_listener(ev::click, move |event| {
        if let Some(link) = live_link(&event) {
            event.prevent_default();
            location.navigate(&link.href());
        }
    });
    let moves = window_event_listener(ev::popstate, move |_| {
        let path = window_url().path;
        if Route::of(&path).is_live() {
            location.update();
        } else if *location.pathname.read_untracked() != path {
            let _ = window().location().reload();
        }
    });
    on_cleanup(move || {
        clicks.remove();
        moves.remove();
    });
}

/// The link that was clicked, if both its target and the current page are live.
fn live_link(event: &MouseEvent) -> Option<HtmlAnchorElement> {
    let modified = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
    if event.button() != 0 || event.default_prevented() || modified {
        return None;
    }
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let link = target.closest("a[href]").ok()??.dyn_into::<HtmlAnchorElement>().ok()?;
    let here = window().location();
    let is_ours = link.target().is_empty()
        && !link.has_attribute("download")
        && link.rel() != "external"
        && Some(link.origin()) == here.origin().ok()
        && link.hash().is_empty();
    let live = |path: &str| Route::of(path).is_live();
    (is_ours && live(&link.pathname()) && live(&window_url().path)).then_some(link)
}
