//! The list of conversations, in live order.

use super::list_item::ListItem;
use super::updated::Updated;
use crate::client::use_client;
use crate::live;
use crate::words::t;
use leptos::prelude::*;

/// The list.
#[component]
pub(crate) fn ConversationList() -> impl IntoView {
    let client = use_client();
    let order = Memo::new(move |_| {
        client.read(|state| state.list().iter().map(|conversation| conversation.id).collect::<Vec<_>>())
    });
    let ordered = move || {
        // Rows move: the reader's place and the keyboard's stay.
        live::hold_place(".list", ".item");
        order.get()
    };
    view! {
        <nav class="list" aria-label=t!("list.label")>
            <ul>
                <For each=ordered key=|id| *id let:id>
                    <ListItem id />
                </For>
            </ul>
            {move || {
                order.with(Vec::is_empty).then(|| {
                    view! {
                        <div class="list-empty">
                            <p>{t!("home.begin")}</p>
                            <a class="button" href="/new">{t!("home.find")}</a>
                        </div>
                    }
                })
            }}
            <Updated />
        </nav>
    }
}
