//! Pages in the frame that have no client code: settings, and the receipts of a message without scripts.

use super::badge::Badge;
use leptos::prelude::*;

/// Content that the server renders whole. The browser has no code for it and leaves it as it is.
#[component]
pub(crate) fn ServerPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    let html = crate::server_pages::sheet();
    #[cfg(not(feature = "ssr"))]
    let html = String::new();
    // The frame around it is live: where the list and its badge are not beside it, this badge shows the connection.
    view! {
        <div class="sheet-badge">
            <Badge />
        </div>
        <div class="page" inner_html=html></div>
    }
}
