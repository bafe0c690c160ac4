//! Notifications: the page with the list of them, the bell that leads to it, and the toast.

mod bell;
mod row;
mod toast;
mod unread;

pub(crate) use bell::Bell;
pub(crate) use toast::Toast;
pub(crate) use unread::show_unread;

use super::connection_badge::PageBadge;
use super::form_failure::FormFailure;
use super::view_fn::{handler, view_fn};
use super::{BackLink, PersonField};
use crate::client::use_client;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::reducer::State;
use row::NotificationRow;

/// Rows that the page behind a link has more than this one, where no script loads them.
const MORE: usize = 50;

/// The page `/notifications`.
#[component]
pub(crate) fn NotificationsPage() -> impl IntoView {
    let client = use_client();
    let ids = Memo::new(move |_| {
        client.notifications(|state| state.notifications().iter().map(|item| item.id).collect::<Vec<_>>())
    });
    let has_unread = Memo::new(move |_| client.notifications(State::unread_notifications) > 0);
    let has_more = Memo::new(move |_| client.notifications(|state| state.notifications_end().is_some()));
    let is_empty = Memo::new(move |_| ids.read().is_empty());
    view! {
        <PageBadge />
        <div class="page">
            <header class="head">
                <BackLink />
                <div class="head-words">
                    <h1 tabindex="-1">{t!("notification.title")}</h1>
                </div>
            </header>
            <div class="sheet">
                <FormFailure />
                <Show when=move || has_unread.get()>
                    <ReadAll />
                </Show>
                <Show when=move || is_empty.get()>
                    <div class="notifications-none">
                        <h2>{t!("notification.none")}</h2>
                        <p>{t!("notification.none_words")}</p>
                    </div>
                </Show>
                <ul class="notifications">
                    <For each=move || ids.get() key=|id| *id let:id>
                        <NotificationRow id />
                    </For>
                </ul>
                {view_fn(move || has_more.get().then(|| view! { <Older /> }))}
            </div>
        </div>
    }
}

/// Button that marks all shown notifications as read, also without scripts.
#[component]
fn ReadAll() -> impl IntoView {
    let client = use_client();
    let newest =
        move || client.notifications(|state| state.notifications().first().map(|item| item.created_at));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        newest().into_iter().for_each(|up_to| client.read_notifications(up_to));
    };
    view! {
        <form class="notifications-read" method="post" action="/notifications/read" on:submit=handler(submit)>
            <PersonField me=client.me() />
            <input
                type="hidden"
                name="up_to"
                value=Signal::derive(move || newest().map(|up_to| up_to.to_string()))
            />
            <button class="button plain">{t!("notification.read_all")}</button>
        </form>
    }
    .into_any()
}

/// Link that loads older notifications.
#[component]
fn Older() -> impl IntoView {
    let client = use_client();
    let shown = move || client.notifications(|state| state.notifications().len());
    let load = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        client.load_notifications();
    };
    view! {
        <p class="ways">
            <a
                href=Signal::derive(move || format!("/notifications?shown={}", shown() + MORE))
                rel="external"
                on:click=handler(load)
            >
                {t!("notification.older")}
            </a>
        </p>
    }
    .into_any()
}
