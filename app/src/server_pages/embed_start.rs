//! First page of a frame in another page: takes a token by script, and goes on to the embedded page.

use super::common_head::joined;
use super::document::Document;
use crate::i18n::t;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use std::sync::LazyLock;

static SCRIPT: LazyLock<String> = LazyLock::new(|| joined(&[include_str!("embed_start.js")]));

/// Context of the first page of a frame.
#[derive(Clone, Debug)]
pub struct EmbedStart {
    /// Origin of the page around the frame; empty if the frame does not say it.
    pub origin: String,
    /// Address of the embedded page.
    pub target: String,
}

/// Renders the page. Its text is shown if the token is refused.
pub fn embed_start(start: EmbedStart) -> impl IntoView {
    view! {
        <Document title=t!("no_page.not_signed_in")>
            <main class="outside" data-origin=start.origin data-target=start.target hidden="">
                <p role="alert">{t!("no_page.not_signed_in")}</p>
            </main>
            <script r#type="module" nonce=use_nonce() inner_html=SCRIPT.as_str()></script>
        </Document>
    }
}
