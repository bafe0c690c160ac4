//! The keyboard on the screen. Where the browser does not make the page smaller for it (`interactive-widget` in the
//! shell asks for that), it covers the composer: then the frame is made smaller here.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Keeps `--keyboard` of the document at what is covered.
pub(super) fn watch() {
    let Some(viewport) = window().visual_viewport() else { return };
    let seen = viewport.clone();
    let look = Closure::<dyn FnMut()>::new(move || {
        let window = window();
        let inner = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
        // A page that is enlarged with two fingers is not covered.
        let covered = if seen.scale() > 1.01 { 0.0 } else { (inner - seen.height()).max(0.0) };
        let covered = if covered < 80.0 { 0 } else { covered as i32 };
        if let Some(html) =
            document().document_element().and_then(|html| html.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = web_sys::HtmlElement::style(&html).set_property("--keyboard", &format!("{covered}px"));
        }
        if covered > 0 {
            // The browser has scrolled the page to show the field; it is shown without.
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    });
    let _ = viewport.add_event_listener_with_callback("resize", look.as_ref().unchecked_ref());
    look.forget();
}
