//! The clipboard.

use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

/// Whether the browser lets this page write to the clipboard.
pub(crate) fn can_copy() -> bool {
    window().is_secure_context()
}

/// Copies a text; false where the browser refused.
pub(crate) async fn copy_text(text: &str) -> bool {
    can_copy() && JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}
