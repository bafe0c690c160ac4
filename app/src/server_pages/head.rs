//! Header of a page without client code.

use crate::components::BackLink;
use leptos::prelude::*;

/// Title, and on a narrow screen a link back to the list.
#[component]
pub(crate) fn Head(#[prop(into)] title: String) -> impl IntoView {
    view! {
        <header class="head">
            <BackLink />
            <div class="head-words">
                <h1 tabindex="-1">{title}</h1>
            </div>
        </header>
    }
}
