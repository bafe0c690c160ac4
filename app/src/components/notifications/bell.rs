//! The bell: link to the notifications, with the number of unread ones.

use crate::client::use_client;
use crate::components::count;
use crate::components::view_fn::view_fn;
use crate::i18n::t;
use crate::routing::{Route, use_location};
use leptos::prelude::*;
use protocol::reducer::State;

/// The bell in the sidebar's header.
#[component]
pub(crate) fn Bell() -> impl IntoView {
    let client = use_client();
    let route = use_location().route;
    let unread = Memo::new(move |_| client.notifications(State::unread_notifications));
    let badge = move || {
        let unread = unread.get();
        (unread > 0).then(|| {
            view! {
                <span class="bell-count">
                    {count(unread)} <span class="visually-hidden">{format!(" {}", t!("notification.unread"))}</span>
                </span>
            }
        })
    };
    let current = move || (route.get() == Route::Notifications).then_some("page");
    view! {
        <a
            class="icon-button bell"
            href="/notifications"
            title=t!("notification.open")
            aria-current=Signal::derive(current)
        >
            <span class="icon icon-bell" aria-hidden="true"></span>
            <span class="visually-hidden">{format!("{} ", t!("notification.open"))}</span>
            {view_fn(badge)}
        </a>
    }
    .into_any()
}
