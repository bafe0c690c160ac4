//! Pages in the layout that have no client code: settings, and the receipts of a message without scripts.

use super::connection_badge::PageBadge;
use leptos::prelude::*;

/// Renders the HTML of the page at the requested address. On the server the document provides it in the context, since
/// components do not import the pages that are made of them.
pub(crate) type ServerPageRenderer = fn() -> String;

/// Content that the server renders whole. The browser has no code for it and leaves it as it is.
#[component]
pub(crate) fn ServerPage() -> impl IntoView {
    let html = use_context::<ServerPageRenderer>().map(|render| render()).unwrap_or_default();
    view! {
        <PageBadge />
        <div class="page" inner_html=html></div>
    }
}
