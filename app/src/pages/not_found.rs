//! Where nothing is.

use crate::parts::Outside;
use leptos::prelude::*;

/// Any other address.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    crate::rpc::answer_not_found();
    view! {
        <Outside title="Nothing here">
            <p>"There is nothing at this address."</p>
            <p class="aside">
                <a href="/" rel="external">"To your conversations"</a>
            </p>
        </Outside>
    }
}
