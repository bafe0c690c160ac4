//! Filter of the list: by name, and All, Unread, Archived, and where there are subjects Open or Closed and their kind.

use super::kind_filter::KindFilter;
use super::part_address::{leave_address, query};
use crate::client::{Client, use_client};
use crate::components::view_fn::handler;
use crate::i18n::t;
use crate::routing::use_location;
use leptos::prelude::*;
use protocol::{ListFilter, ListPart};

/// The choices: links that load the page again without scripts. `words`: the name that the list is filtered by.
#[component]
pub(super) fn FilterBar(words: RwSignal<String>) -> impl IntoView {
    let client = use_client();
    // Also while such a filter is chosen and shows none.
    let has_subjects = Memo::new(move |_| {
        client.list(|state| {
            matches!(state.filter(), Some(ListFilter::Open | ListFilter::Closed))
                || state.part().subject_kind.is_some()
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
            <KindFilter />
        </section>
    }
    .into_any()
}

#[component]
fn Choice(client: Client, filter: Option<ListFilter>, words: String) -> impl IntoView {
    let location = use_location();
    let is_chosen = move || client.list(|state| state.filter() == filter);
    let clicked = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        client.set_filter(filter);
        leave_address(location);
    };
    let href = move || {
        let subject_kind = client.list(|state| state.part().subject_kind.clone());
        format!("?{}", query(&ListPart { filter, subject_kind }))
    };
    view! {
        <a
            href=Signal::derive(href)
            rel="external"
            aria-current=Signal::derive(move || is_chosen().then_some("true"))
            on:click=handler(clicked)
        >
            {words}
        </a>
    }
    .into_any()
}
