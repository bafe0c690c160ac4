//! Filter of the list: by name, and All, Unread, Archived, and Open or Closed where there are subjects.

use crate::client::{Client, use_client};
use crate::components::view_fn::handler;
use crate::i18n::t;
use crate::routing::{Location, use_location};
use leptos::prelude::*;
use protocol::ListFilter;

/// The choices: links that load the page again without scripts. `words`: the name that the list is filtered by.
#[component]
pub(super) fn FilterBar(words: RwSignal<String>) -> impl IntoView {
    let client = use_client();
    // Also while such a filter is chosen and shows none.
    let has_subjects = Memo::new(move |_| {
        client.list(|state| {
            matches!(state.filter(), Some(ListFilter::Open | ListFilter::Closed))
                || state.all().iter().any(|conversation| conversation.subject.is_some())
        })
    });
    let typed = move |event: web_sys::Event| words.set(event_target_value(&event));
    let key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && !words.read_untracked().is_empty() {
            event.prevent_default();
            words.set(String::new());
        }
    };
    view! {
        <section class="filters" aria-label=t!("filter.name")>
            <input
                class="filter-name with-script"
                type="search"
                autocomplete="off"
                aria-label=t!("filter.name")
                placeholder=t!("filter.name")
                prop:value=move || words.get()
                on:input=handler(typed)
                on:keydown=handler(key)
            />
            <nav class="filter-parts" aria-label=t!("filter.label")>
                <Choice client filter=None words=t!("filter.all") />
                <Choice client filter=Some(ListFilter::Unread) words=t!("filter.unread") />
                <Choice client filter=Some(ListFilter::Archived) words=t!("filter.archived") />
                <Show when=move || has_subjects.get()>
                    <Choice client filter=Some(ListFilter::Open) words=t!("filter.open") />
                    <Choice client filter=Some(ListFilter::Closed) words=t!("filter.closed") />
                </Show>
            </nav>
        </section>
    }
    .into_any()
}

/// Shows a part of the conversations. A filter in the address, with which the page was loaded, is over.
pub(super) fn choose(client: Client, location: Location, filter: Option<ListFilter>) {
    client.set_filter(filter);
    if location.query_param("filter").is_some() {
        location.replace(&location.pathname.get_untracked());
    }
}

#[component]
fn Choice(client: Client, filter: Option<ListFilter>, words: String) -> impl IntoView {
    let location = use_location();
    let is_chosen = move || client.list(|state| state.filter() == filter);
    let clicked = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        choose(client, location, filter);
    };
    view! {
        <a
            href=format!("?filter={}", filter.map_or("all", ListFilter::name))
            rel="external"
            aria-current=Signal::derive(move || is_chosen().then_some("true"))
            on:click=handler(clicked)
        >
            {words}
        </a>
    }
    .into_any()
}
