//! Handle at the edge of the sidebar that changes its width. Local storage keeps the width for this browser.

use crate::client::storage;
use crate::components::view_fn::handler;
use crate::i18n::t;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Narrowest and widest, in CSS pixels. The style sheet also limits the width to a part of the window.
const WIDTHS: std::ops::RangeInclusive<f64> = 220.0..=520.0;
/// Change by one press of an arrow key, in CSS pixels.
const STEP: f64 = 16.0;
/// Key of the width in local storage; `list_width.js` reads it before the first paint.
const KEY: &str = "rapport.list-width";
/// Custom property of the style sheet.
const PROPERTY: &str = "--list-width";

/// The sidebar's edges and direction while it is resized.
struct Sidebar {
    start: f64,
    width: f64,
    is_rtl: bool,
}

impl Sidebar {
    fn around(handle: &HtmlElement) -> Option<Self> {
        let rect = handle.parent_element()?.get_bounding_client_rect();
        let is_rtl = document().document_element()?.get_attribute("dir").as_deref() == Some("rtl");
        let start = if is_rtl { rect.right() } else { rect.left() };
        Some(Self { start, width: rect.width(), is_rtl })
    }

    /// Width at which the edge is under the pointer.
    fn width_to(&self, x: f64) -> f64 {
        if self.is_rtl { self.start - x } else { x - self.start }
    }

    /// Width after this key, if it changes it.
    fn width_after(&self, key: &str) -> Option<f64> {
        let outwards = if self.is_rtl { -STEP } else { STEP };
        match key {
            "ArrowRight" => Some(self.width + outwards),
            "ArrowLeft" => Some(self.width - outwards),
            "Home" => Some(*WIDTHS.start()),
            "End" => Some(*WIDTHS.end()),
            _ => None,
        }
    }
}

/// Sets the width, or goes back to the default (`None`).
fn resize(width: Option<f64>) {
    let Some(html) = document().document_element().and_then(|html| html.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let width = width.map(|width| format!("{}px", width.clamp(*WIDTHS.start(), *WIDTHS.end()).round()));
    let _ = match &width {
        Some(width) => html.style().set_property(PROPERTY, width),
        None => html.style().remove_property(PROPERTY).map(drop),
    };
    storage::set(KEY, width.as_deref());
}

/// The handle: dragged, moved by the arrow keys, and reset by a double click.
#[component]
pub(super) fn ResizeHandle() -> impl IntoView {
    let handle = NodeRef::<html::Div>::new();
    let sidebar = move || Sidebar::around(&*handle.get_untracked()?);
    let pressed = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(handle) = handle.get_untracked() {
            let _ = handle.set_pointer_capture(event.pointer_id());
        }
    };
    let moved = move |event: PointerEvent| {
        if event.buttons() == 1
            && let Some(sidebar) = sidebar()
        {
            resize(Some(sidebar.width_to(f64::from(event.client_x()))));
        }
    };
    let keyed = move |event: KeyboardEvent| {
        if let Some(width) = sidebar().and_then(|sidebar| sidebar.width_after(&event.key())) {
            event.prevent_default();
            resize(Some(width));
        }
    };
    view! {
        <div
            class="resize-handle with-script"
            node_ref=handle
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=t!("frame.resize")
            title=t!("frame.resize")
            on:pointerdown=handler(pressed)
            on:pointermove=handler(moved)
            on:keydown=handler(keyed)
            on:dblclick=handler(|_| resize(None))
        ></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_the_edge_follows_pointer_and_arrow_in_both_directions_of_writing() {
        let ltr = Sidebar { start: 0.0, width: 300.0, is_rtl: false };
        let rtl = Sidebar { start: 1280.0, width: 300.0, is_rtl: true };
        assert!((ltr.width_to(350.0) - 350.0).abs() < f64::EPSILON);
        assert!((rtl.width_to(930.0) - 350.0).abs() < f64::EPSILON);
        assert_eq!(ltr.width_after("ArrowRight"), Some(316.0));
        assert_eq!(rtl.width_after("ArrowRight"), Some(284.0));
        assert_eq!(rtl.width_after("ArrowLeft"), Some(316.0));
        assert_eq!(ltr.width_after("Tab"), None);
    }
}
