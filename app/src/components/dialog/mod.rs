//! Dialogs and popovers: the browser's own elements do the work (focus, Esc, the top layer).

mod confirm_delete;
mod jump;
mod receipts;
mod shortcuts;

pub(super) use confirm_delete::{ConfirmDelete, DeleteRequest};
pub(super) use jump::JumpDialog;
pub(super) use receipts::{ReceiptsDialog, ReceiptsRequest};
pub(super) use shortcuts::ShortcutsDialog;

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};

fn dialog(id: &str) -> Option<HtmlDialogElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Opens a dialog, unless it is open.
pub(super) fn open(id: &str) {
    if let Some(dialog) = dialog(id).filter(|dialog| !dialog.open()) {
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog.
fn close(id: &str) {
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

/// Whether a dialog or popover is open, which Esc belongs to.
pub(super) fn is_any_open() -> bool {
    document().query_selector("dialog[open], :popover-open").ok().flatten().is_some()
}
