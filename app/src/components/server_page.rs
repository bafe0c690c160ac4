//! Pages in the frame that have no client code: settings, and the receipts of a message without scripts.

use super::badge::PageBadge;
use leptos::prelude::*;

/// Content that the server renders whole. The browser has no code for it and leaves it as it is.
#[component]
pub(crate) fn ServerPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    let html = crate::server_pages::sheet();
    #[cfg(not(feature = "ssr"))]
    let html = String::new();
    view! {
        <PageBadge />
        <div class="page" inner_html=html></div>
    }
}
