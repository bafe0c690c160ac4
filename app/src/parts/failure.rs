//! What went wrong with the last form.

use crate::words::{Place, explain};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The `?error=` of the address, in words.
#[component]
pub(crate) fn Failure(place: Place) -> impl IntoView {
    let query = use_query_map();
    let words = move || query.read().get("error").map(|code| explain(&code, place));
    view! {
        {move || words().map(|words| view! { <p class="notice bad" role="alert">{words}</p> })}
    }
}
