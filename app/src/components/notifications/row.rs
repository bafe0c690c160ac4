//! A row of the list of notifications.

use crate::client::{headline, use_client};
use crate::components::address::permalink;
use crate::components::avatar::Avatar;
use crate::components::keys::is_modified;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use crate::routing::{message_href, use_location};
use leptos::prelude::*;
use protocol::{Notification, NotificationId};

/// A link to the place of a notification, with who, what, where and when.
#[component]
pub(super) fn NotificationRow(id: NotificationId) -> impl IntoView {
    let client = use_client();
    let location = use_location();
    let item = Memo::new(move |before: Option<&Option<Notification>>| {
        let now = client.notifications(|state| {
            let mut items = state.notifications().iter();
            items.find(|item| item.id == id).cloned()
        });
        // A removed notification keeps its appearance until its row is removed.
        now.or_else(|| before.cloned().flatten())
    });
    let is_read = move || item.read().as_ref().is_none_or(|item| item.read);
    let actor = move || {
        let item = item.read();
        let actor = &item.as_ref()?.actor;
        Some(view! { <Avatar picture=actor name=actor.display_name() /> })
    };
    let words = Signal::derive(move || {
        item.read().as_ref().map(|item| headline(client, item.into())).unwrap_or_default()
    });
    let preview = move || {
        let preview = item.read().as_ref().map(|item| item.preview.clone()).unwrap_or_default();
        (!preview.is_empty()).then(|| {
            view! {
                <span class="preview one-line" dir="auto">
                    {preview}
                </span>
            }
        })
    };
    let state = move || if is_read() { t!("notification.is_read") } else { t!("notification.unread") };
    let go = move |event: web_sys::MouseEvent| {
        if !is_modified(&event) {
            event.prevent_default();
            location.navigate(&message_href(id.conversation_id, id.seq));
        }
    };
    view! {
        <li>
            <a
                class="notification"
                class:is-unread=Signal::derive(move || !is_read())
                href=permalink(id.conversation_id, id.seq)
                on:click=handler(go)
            >
                {view_fn(actor)}
                <span class="notification-words">{words}</span>
                <time
                    class="when"
                    datetime=id.created_at.to_string()
                    title=Signal::derive(move || client.zone.get().full(id.created_at))
                >
                    {Signal::derive(move || client.zone.get().brief(id.created_at, client.now.get()))}
                </time>
                {view_fn(preview)}
                <span class="visually-hidden">{Signal::derive(state)}</span>
            </a>
        </li>
    }
    .into_any()
}
