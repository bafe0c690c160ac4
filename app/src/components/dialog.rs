//! What opens over the page and goes again. The browser's own elements do the work: focus, Esc, the way back.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};

fn dialog(id: &str) -> Option<HtmlDialogElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Opens a dialog, unless it is.
pub(crate) fn show(id: &str) {
    if let Some(dialog) = dialog(id).filter(|dialog| !dialog.open()) {
        let _ = dialog.show_modal();
    }
}

/// Closes it.
pub(super) fn close(id: &str) {
    if let Some(dialog) = dialog(id) {
        dialog.close();
    }
}

/// Closes a popover.
pub(super) fn hide(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(popover) = element {
        let _ = popover.hide_popover();
    }
}

/// Whether something is open that Esc belongs to.
pub(super) fn any() -> bool {
    document().query_selector("dialog[open], :popover-open").ok().flatten().is_some()
}
