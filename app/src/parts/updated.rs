//! How old the list is.

use crate::client::use_client;
use crate::live::LinkState;
use crate::words::t;
use leptos::prelude::*;
use protocol::Timestamp;
use std::time::Duration;

/// A quiet line under the list, with a way to have it anew; without a live page that is a load of this one.
#[component]
pub(super) fn Updated() -> impl IntoView {
    let client = use_client();
    // While the link is up the list is of this moment.
    let updated = Memo::new(move |before: Option<&Timestamp>| match client.link.get() {
        LinkState::Connected | LinkState::Polling => client.now.get(),
        _ => before.copied().unwrap_or_else(|| client.now.get_untracked()),
    });
    // A turn is seen, however quick the answer.
    let turning = RwSignal::new(false);
    let refresh = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        turning.set(true);
        client.refresh();
        let turned = move || {
            let _ = turning.try_set(false);
        };
        set_timeout(turned, Duration::from_millis(800));
    };
    view! {
        <p class="updated">
            <span>{move || t!("list.updated", when = client.zone.get().clock(updated.get()))}</span>
            <a
                class="icon-button refresh"
                class:is-busy=move || turning.get() || client.refreshing.get()
                href=""
                rel="external"
                aria-label=t!("list.refresh")
                title=t!("list.refresh")
                on:click=refresh
            >
                <span class="icon icon-refresh" aria-hidden="true"></span>
            </a>
        </p>
    }
}
