//! Page for an unknown address within the layout.

use crate::i18n::t;
use crate::server_fns::answer_not_found;
use leptos::prelude::*;

/// An address that is nearly one of ours.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    answer_not_found();
    view! {
        <div class="blank">
            <h1>{t!("found.nothing_here")}</h1>
            <p>
                <a class="button" href="/" rel="external">
                    {t!("found.to_conversations")}
                </a>
            </p>
        </div>
    }
}
