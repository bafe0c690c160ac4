//! A conversation.

use crate::pages::NotFound;
use crate::parts::Conversation;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// `/c/:id`.
#[component]
pub(crate) fn Talk() -> impl IntoView {
    let path = use_location().pathname;
    let id = Memo::new(move |last: Option<&Option<_>>| {
        // On the way to another page the path is not ours any more: nothing is to be rebuilt then.
        super::inside::conversation_of(&path.read()).or_else(|| last.copied().flatten())
    });
    move || match id.get() {
        Some(id) => view! { <Conversation id /> }.into_any(),
        None => view! { <NotFound /> }.into_any(),
    }
}
