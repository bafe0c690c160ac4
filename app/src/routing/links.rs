//! Following links without a load, where the browser can show what they lead to.

use crate::routing::{Asked, Place};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

/// The address of this page.
pub(crate) fn asked() -> Asked {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    Asked {
        path: location.pathname().unwrap_or_default(),
        query: query.strip_prefix('?').unwrap_or_default().to_owned(),
    }
}

/// The page shows what stands at this address now.
pub(crate) fn is_at(href: &str) {
    let history = window().history();
    let _ = history.and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(href)));
}

/// Keeps the path up to date for as long as the page lives.
pub(crate) fn follow(path: RwSignal<String>) {
    let clicked = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
        if let Some(link) = ours(&event) {
            event.prevent_default();
            let _ = window()
                .history()
                .and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&link.href())));
            path.set(link.pathname());
        }
    });
    let _ = document().add_event_listener_with_callback("click", clicked.as_ref().unchecked_ref());
    clicked.forget();
    let moved = Closure::<dyn FnMut()>::new(move || {
        let asked = asked();
        if asked.query.is_empty() && Place::of(&asked.path).is_live() {
            if path.with_untracked(|path| *path != asked.path) {
                path.set(asked.path);
            }
        } else if path.with_untracked(|path| *path != asked.path) {
            let _ = window().location().reload();
        }
    });
    let _ = window().add_event_listener_with_callback("popstate", moved.as_ref().unchecked_ref());
    moved.forget();
}

/// The link that was clicked, if it is for us to follow.
fn ours(event: &MouseEvent) -> Option<HtmlAnchorElement> {
    let plain = event.button() == 0
        && !(event.default_prevented()
            || event.meta_key()
            || event.ctrl_key()
            || event.shift_key()
            || event.alt_key());
    let target = event.target().filter(|_| plain)?.dyn_into::<Element>().ok()?;
    let link = target.closest("a[href]").ok()??.dyn_into::<HtmlAnchorElement>().ok()?;
    let here = window().location();
    let live = |path: &str| Place::of(path).is_live();
    let follow = link.target().is_empty()
        && !link.has_attribute("download")
        && link.rel() != "external"
        && Some(link.origin()) == here.origin().ok()
        && link.search().is_empty()
        && link.hash().is_empty()
        && live(&link.pathname())
        // From a page that only the server makes there is no way but a load.
        && live(&here.pathname().ok()?);
    follow.then_some(link)
}
