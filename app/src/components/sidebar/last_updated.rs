//! Age of the list of conversations, and the Refresh button.

use crate::client::{ConnectionStatus, use_client};
use crate::components::view_fn::handler;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::Timestamp;
use std::time::Duration;

/// Least time for which the button spins, in milliseconds: however quick the answer, it is seen.
const SPIN_MS: u64 = 800;

/// "Updated 10:30" with a link that refreshes: without scripts it loads the page again.
#[component]
pub(super) fn LastUpdated() -> impl IntoView {
    let client = use_client();
    // With a connection the list is current.
    let updated = Memo::new(move |before: Option<&Timestamp>| match client.status.get() {
        ConnectionStatus::Connected | ConnectionStatus::Polling => client.now.get(),
        _ => before.copied().unwrap_or_else(|| client.now.get_untracked()),
    });
    let spinning = RwSignal::new(false);
    let refresh = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        spinning.set(true);
        client.refresh();
        let stop = move || {
            let _ = spinning.try_set(false);
        };
        set_timeout(stop, Duration::from_millis(SPIN_MS));
    };
    view! {
        <p class="updated">
            <span>{Signal::derive(move || t!("list.updated", when = client.zone.get().clock(updated.get())))}</span>
            <a
                class="icon-button refresh"
                class:is-busy=Signal::derive(move || spinning.get() || client.refreshing.get())
                href=""
                rel="external"
                aria-label=t!("list.refresh")
                title=t!("list.refresh")
                on:click=handler(refresh)
            >
                <span class="icon icon-refresh" aria-hidden="true"></span>
            </a>
        </p>
    }
}
