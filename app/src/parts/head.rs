//! The head of a page that is no conversation.

use leptos::prelude::*;

/// Title, and on a narrow screen the way back to the list.
#[component]
pub(crate) fn Head(title: &'static str) -> impl IntoView {
    view! {
        <header class="head">
            <a class="icon-button back" href="/" aria-label="Back to the list">
                "‹"
            </a>
            <h1>{title}</h1>
        </header>
    }
}
