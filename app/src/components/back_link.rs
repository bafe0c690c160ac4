//! Link back to the list.

use crate::i18n::t;
use leptos::prelude::*;

/// Shown where the list is not beside the page.
#[component]
pub(crate) fn BackLink() -> impl IntoView {
    view! {
        <a class="icon-button back" href="/" aria-label=t!("layout.back")>
            <span class="icon icon-back" aria-hidden="true"></span>
        </a>
    }
}
