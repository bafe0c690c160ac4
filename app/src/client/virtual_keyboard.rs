//! The on-screen keyboard. Where the browser does not shrink the page for it (`interactive-widget` of the viewport asks
//! for that), it covers the composer: then the layout is made smaller here.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, VisualViewport};

/// Less than this is no keyboard, in pixels.
const LEAST: f64 = 80.0;

/// Keeps `--keyboard` of the document at the covered height, for as long as the page lives.
pub(super) fn watch() {
    let Some(viewport) = window().visual_viewport() else { return };
    let seen = viewport.clone();
    let resized = Closure::<dyn FnMut()>::new(move || update(&seen));
    viewport.set_onresize(Some(resized.as_ref().unchecked_ref()));
    resized.forget();
}

fn update(viewport: &VisualViewport) {
    let window = window();
    let inner = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
    // On a page that is zoomed by pinching, the difference is not a keyboard.
    let covered = if viewport.scale() > 1.01 { 0.0 } else { inner - viewport.height() };
    let covered = if covered < LEAST { 0 } else { covered as i32 };
    let html = document().document_element().and_then(|html| html.dyn_into::<HtmlElement>().ok());
    if let Some(html) = html {
        let _ = HtmlElement::style(&html).set_property("--keyboard", &format!("{covered}px"));
    }
    if covered > 0 {
        // The browser has scrolled the page to show the field; it is visible without that.
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}
