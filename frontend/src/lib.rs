//! What the browser loads: hydrates the application, nothing else.
#![recursion_limit = "256"]

/// Called by the page's own script once the module is there.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    app::hydrate();
}
