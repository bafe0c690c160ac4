//! Entry point of the WASM client: hydrates the application.
#![recursion_limit = "256"]

/// Hydrates the page. The page's script calls it after the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    app::hydrate();
}
