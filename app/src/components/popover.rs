//! Place of a menu: beside the button that opens it.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

/// Width that a menu needs, in pixels.
const WIDTH: f64 = 220.0;

/// Puts the menu of this id beside the button that opens it, where there is room.
pub(super) fn place_beside(menu: &str, button: &Element) {
    let menu = document().get_element_by_id(menu).and_then(|menu| menu.dyn_into::<HtmlElement>().ok());
    let Some(menu) = menu else { return };
    let at = button.get_bounding_client_rect();
    let size = |of: Result<JsValue, _>| of.ok().and_then(|size| size.as_f64()).unwrap_or_default();
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let style = menu.style();
    let set = |name: &str, px: f64| drop(style.set_property(name, &format!("{}px", px as i32)));
    set("--x", at.left().min(width - WIDTH).max(8.0));
    if at.bottom() > height * 0.6 {
        set("--below", height - at.top());
        let _ = style.set_property("--y", "auto");
    } else {
        set("--y", at.bottom());
        let _ = style.set_property("--below", "auto");
    }
}
