//! Paths of the built assets.

/// Paths of the built files, with their hashes. The server puts them into the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The module that loads the WASM.
    pub js: String,
    /// The WASM.
    pub wasm: String,
}

impl Default for Assets {
    fn default() -> Self {
        Self {
            css: "/pkg/rapport.css".into(),
            js: "/pkg/rapport.js".into(),
            wasm: "/pkg/rapport.wasm".into(),
        }
    }
}
