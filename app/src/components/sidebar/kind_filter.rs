//! Filter of the list by the kind of the subjects: a form that loads the page again without scripts.

use super::part_address::leave_address;
use crate::client::{Client, use_client};
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use crate::routing::use_location;
use leptos::prelude::*;
use protocol::ListFilter;

/// The choice among the kinds; nothing where there is none to choose.
#[component]
pub(super) fn KindFilter() -> impl IntoView {
    let client = use_client();
    let kinds = Memo::new(move |_| offered(client));
    let form = move || {
        let kinds = kinds.get();
        (!kinds.is_empty()).then(|| form(client, kinds))
    };
    view_fn(form).into_any()
}

/// Word and name of the configured kinds that occur. Behind the loaded part of the list, any of them may.
fn offered(client: Client) -> Vec<(String, String)> {
    client.list(|state| {
        let is_whole = state.rest_of_list().is_none();
        let all = state.all();
        let occurs = |kind: &String| {
            all.iter().any(|entry| entry.subject.as_ref().is_some_and(|subject| subject.kind == *kind))
        };
        let is_offered =
            |kind: &String| !is_whole || occurs(kind) || state.part().subject_kind.as_ref() == Some(kind);
        client.subject_kinds(|kinds| {
            let offered = kinds.iter().filter(|known| is_offered(&known.kind));
            offered.map(|known| (known.kind.clone(), known.name.clone())).collect()
        })
    })
}

fn form(client: Client, kinds: Vec<(String, String)>) -> AnyView {
    let location = use_location();
    let chosen = move || client.list(|state| state.part().subject_kind.clone()).unwrap_or_default();
    let filter = move || client.list(|state| state.filter()).map_or("all", ListFilter::name);
    let changed = move |event: web_sys::Event| {
        client.set_subject_kind(Some(event_target_value(&event)).filter(|kind| !kind.is_empty()));
        leave_address(location);
    };
    // The first paint; the property follows.
    let first = client.peek(|state| state.part().subject_kind.clone()).unwrap_or_default();
    let option = |(kind, name): (String, String)| {
        let selected = kind == first;
        view! {
            <option value=kind selected=selected>
                {name}
            </option>
        }
    };
    let options: Vec<_> = kinds.into_iter().map(option).collect();
    view! {
        <form class="filter-kind" method="get">
            <input type="hidden" name="filter" value=Signal::derive(filter) />
            <select
                name="subject_kind"
                dir="auto"
                aria-label=t!("filter.kind")
                prop:value=chosen
                on:change=handler(changed)
            >
                <option value="">{t!("filter.every_kind")}</option>
                {options}
            </select>
            <button class="button plain without-script">{t!("filter.apply")}</button>
        </form>
    }
    .into_any()
}
