//! The head of a page that is no conversation.

use crate::words::t;
use leptos::prelude::*;

/// Title, and on a narrow screen the way back to the list.
#[component]
pub(crate) fn Head(#[prop(into)] title: String) -> impl IntoView {
    view! {
        <header class="head">
            <a class="icon-button back" href="/" aria-label=t!("find.back")>
                "‹"
            </a>
            <h1>{title}</h1>
        </header>
    }
}
