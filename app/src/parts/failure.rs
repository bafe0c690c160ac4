//! What went wrong with the last form.

use crate::client::use_client;
use leptos::prelude::*;

/// Said by the first page that is shown after the form, once.
#[component]
pub(crate) fn Failure() -> impl IntoView {
    use_client().take_failure().map(|words| view! { <p class="notice bad" role="alert">{words}</p> })
}
