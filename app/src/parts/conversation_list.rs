//! The list of conversations, in live order.

use super::list_item::ListItem;
use crate::client::use_client;
use crate::words::t;
use leptos::prelude::*;

/// The list.
#[component]
pub(crate) fn ConversationList() -> impl IntoView {
    let client = use_client();
    let order = Memo::new(move |_| {
        client.read(|state| state.list().iter().map(|conversation| conversation.id).collect::<Vec<_>>())
    });
    view! {
        <nav class="list" aria-label="Conversations">
            <ul>
                <For each=move || order.get() key=|id| *id let:id>
                    <ListItem id />
                </For>
            </ul>
            <Show when=move || order.with(Vec::is_empty)>
                <p class="quiet">{t!("home.begin")}</p>
                <p class="first"><a class="button" href="/new">{t!("home.find")}</a></p>
            </Show>
        </nav>
        <form class="side-foot" method="post" action="/sign-out">
            <button class="button plain">"Sign out"</button>
        </form>
    }
}
