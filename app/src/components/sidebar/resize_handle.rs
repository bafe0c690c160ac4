//! Handle at the edge of the sidebar that changes its width. Local storage keeps the width for this browser.

use crate::client::storage;
use crate::components::view_fn::handler;
use crate::effect::effect;
use crate::i18n::t;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Narrowest and widest, in CSS pixels; the same in `aria-valuemin` and `aria-valuemax`. The style sheet also limits
/// the width to a part of the window.
const WIDTHS: std::ops::RangeInclusive<i32> = 220..=520;
/// Change by one press of an arrow key, in CSS pixels.
const STEP: i32 = 16;
/// Key of the width in local storage; `list_width.js` reads it before the first paint.
const KEY: &str = "rapport.list-width";
/// Custom property of the style sheet.
const PROPERTY: &str = "--list-width";

/// The sidebar's edges and direction while it is resized.
struct Sidebar {
    start: i32,
    width: i32,
    is_rtl: bool,
}

impl Sidebar {
    fn around(handle: &HtmlElement) -> Option<Self> {
        let side: HtmlElement = handle.closest(".side").ok()??.dyn_into().ok()?;
        let is_rtl = document().document_element()?.get_attribute("dir").as_deref() == Some("rtl");
        let (left, width) = (side.offset_left(), side.offset_width());
        Some(Self { start: if is_rtl { left + width } else { left }, width, is_rtl })
    }

    /// Width at which the edge is under the pointer.
    fn width_to(&self, x: i32) -> i32 {
        if self.is_rtl { self.start - x } else { x - self.start }
    }

    /// Width after this key, if it changes it.
    fn width_after(&self, key: &str) -> Option<i32> {
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
fn store_width(width: Option<i32>) {
    let Some(html) = document().document_element().and_then(|html| html.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let width = width.map(|width| format!("{}px", width.clamp(*WIDTHS.start(), *WIDTHS.end())));
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
    // As text, for `aria-valuenow`. Until it is measured, the style sheet's width in a wide window.
    let width = RwSignal::new(String::from("300"));
    let sidebar = move || Sidebar::around(&*handle.get_untracked()?);
    let measure = move || {
        if let Some(sidebar) = sidebar() {
            width.set(sidebar.width.to_string());
        }
    };
    let resize = move |to: Option<i32>| {
        store_width(to);
        measure();
    };
    effect(move || {
        handle.track();
        measure();
    });
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
            resize(Some(sidebar.width_to(event.client_x())));
        }
    };
    let keyed = move |event: KeyboardEvent| {
        if let Some(width) = sidebar().and_then(|sidebar| sidebar.width_after(&event.key())) {
            event.prevent_default();
            resize(Some(width));
        }
    };
    let valuenow: Signal<String> = width.into();
    view! {
        <div
            class="resize-handle with-script"
            node_ref=handle
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-valuemin="220"
            aria-valuemax="520"
            aria-valuenow=valuenow
            aria-label=t!("layout.resize")
            title=t!("layout.resize")
            on:pointerdown=handler(pressed)
            on:pointermove=handler(moved)
            on:keydown=handler(keyed)
            on:dblclick=handler(move |_| resize(None))
        ></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_the_edge_follows_pointer_and_arrow_in_both_directions_of_writing() {
        let ltr = Sidebar { start: 0, width: 300, is_rtl: false };
        let rtl = Sidebar { start: 1280, width: 300, is_rtl: true };
        assert_eq!(ltr.width_to(350), 350);
        assert_eq!(rtl.width_to(930), 350);
        assert_eq!(ltr.width_after("ArrowRight"), Some(316));
        assert_eq!(rtl.width_after("ArrowRight"), Some(284));
        assert_eq!(rtl.width_after("ArrowLeft"), Some(316));
        assert_eq!(ltr.width_after("Tab"), None);
    }
}
