//! The outcome of the plain form that led to this page.

use crate::client::use_client;
use leptos::prelude::*;

/// A refusal, or what was done where the page does not show it. Shown once, by the first page after the form.
#[component]
pub(crate) fn FormFailure() -> impl IntoView {
    let client = use_client();
    let (failure, done) = (client.take_failure(), client.take_done());
    view! {
        {failure.map(|words| view! { <p class="notice bad" role="alert">{words}</p> })}
        {done.map(|words| view! { <p class="notice good" role="status">{words}</p> })}
    }
}
