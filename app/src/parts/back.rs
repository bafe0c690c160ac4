//! The way back to the list.

use crate::words::t;
use leptos::prelude::*;

/// Where the list is not beside the page.
#[component]
pub(crate) fn Back() -> impl IntoView {
    view! {
        <a class="icon-button back" href="/" aria-label=t!("frame.back")>
            <span class="icon icon-back" aria-hidden="true"></span>
        </a>
    }
}
