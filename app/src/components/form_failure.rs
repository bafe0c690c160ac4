//! The refusal of the plain form that led to this page.

use crate::client::use_client;
use leptos::prelude::*;

/// Shown once, by the first page after the form.
#[component]
pub(crate) fn FormFailure() -> impl IntoView {
    let failure = use_client().take_failure();
    failure.map(|words| view! { <p class="notice bad" role="alert">{words}</p> })
}
