//! The message log of a conversation, with its notices, menu and dialogs.

mod controller;
mod emoji;
mod keyboard;
mod layout;
mod mention;
mod menu;
mod message_row;
pub(crate) mod notice;
mod read_tracking;
mod rows;
mod scroll;
mod ticks;

use super::address::permalink;
use super::count;
use super::dialog::{ConfirmDelete, DeleteRequest, ReceiptsDialog, ReceiptsRequest};
use super::view_fn::{handler, view_fn};
use crate::client::{Client, use_client};
use crate::effect::effect;
use crate::i18n::t;
use crate::routing::use_location;
use controller::{Log, Top};
use layout::Item;
use leptos::prelude::*;
use menu::MessageMenu;
use message_row::MessageRow;
use notice::{Notice, NoticeLine};
use protocol::ConversationId;

/// The log. `sent` counts own messages that were sent: each brings the log to its end. `notice` is shown over it.
#[component]
pub(super) fn MessageLog(
    id: ConversationId,
    sent: RwSignal<u32>,
    notice: RwSignal<Option<Notice>>,
) -> impl IntoView {
    let client = use_client();
    let at = use_location().query_param("at").and_then(|at| at.parse::<i64>().ok());
    // If the message exists, the page came with the messages around it.
    let missing = at.is_some_and(|at| {
        client.peek(|state| {
            let timeline = state.rooms.get(&id).and_then(|room| room.timeline.as_ref());
            timeline.is_some_and(|timeline| !timeline.shown().messages.contains_key(&at))
        })
    });
    if missing {
        client.show_latest(id);
    }
    let receipts = ReceiptsRequest::new();
    let log = Log::new(client, id, receipts, notice);
    if missing {
        log.notice.set(Some(Notice::Words(t!("message.not_here"))));
    }
    let delete = DeleteRequest::new();
    effect(move || log.follow_changes());
    effect(move || log.follow_connection());
    effect(move || at.filter(|_| !missing).into_iter().for_each(|at| log.go_to(at)));
    Effect::new(move |before: Option<u32>| {
        let times = sent.get();
        if before.is_some_and(|before| before != times) {
            log.sent();
        }
        times
    });
    effect(move || {
        let handles = ["focus", "blur", "visibilitychange", "resize"]
            .map(|name| window_event_listener_untyped(name, move |_| log.attention_changed()));
        on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
    });
    let (older, newer) = history_links(client, id);
    let row = move |item: Item| match item {
        Item::Day(day) => view! { <DayHeading day /> }.into_any(),
        Item::Row(key) => log.rows.get(key).map(|entry| view! { <MessageRow log entry /> }).into_any(),
    };
    let jump = move || log.below.get().map(|unread| view! { <JumpToLatest log unread /> });
    let after_delete = move || log.chosen.get_untracked().iter().for_each(|entry| log.focus_row(entry));
    view! {
        <div class="log-frame">
            <div
                class="log"
                role="log"
                aria-label=t!("message.log")
                aria-relevant="additions"
                tabindex="0"
                node_ref=log.node
                on:scroll=move |_| log.moved()
                on:keydown=handler(move |event| {
                    log.node.get_untracked().iter().for_each(|log| keyboard::handle_key(log, &event));
                })
            >
                <div class="log-inner">
                    {older.map(|seq| older_link(id, seq))}
                    {view_fn(move || top(log.top.get()))}
                    <ol class="messages" class:direct=log.direct class:at-end=move || log.at_end.get()>
                        <For each=move || log.rows.items.get() key=|item| *item let:item>
                            {row(item)}
                        </For>
                    </ol>
                </div>
            </div>
            {newer.map(|seq| newer_links(id, seq))}
            {view_fn(jump)}
            <NoticeLine id notice=log.notice />
            <MessageMenu log delete />
            <ConfirmDelete id request=delete after=after_delete />
            <ReceiptsDialog request=receipts />
        </div>
    }
    .into_any()
}

/// Heading of a day, which stays in sight while its messages are.
#[component]
fn DayHeading(day: i64) -> impl IntoView {
    let client = use_client();
    view! {
        <li class="day">
            <span>{Signal::derive(move || client.zone.get().day_heading(day, client.now.get()))}</span>
        </li>
    }
}

/// View above the first loaded message.
fn top(top: Top) -> AnyView {
    match top {
        Top::Loading => {
            view! { <div class="shape whole"><i></i><i></i><i></i><i></i><i></i></div> }.into_any()
        }
        Top::Empty => view! { <p class="quiet empty">{t!("message.nothing_said")}</p> }.into_any(),
        Top::Older => view! { <div class="shape"><i></i><i></i></div> }.into_any(),
        Top::Beginning => ().into_any(),
    }
}

/// Jump to the newest message, past so many unread ones.
#[component]
fn JumpToLatest(log: Log, unread: u32) -> impl IntoView {
    view! {
        <button class="jump" type="button" on:click=handler(move |_| log.go_to_latest())>
            {t!("message.jump")}
            {(unread > 0).then(|| view! { <b>{t!("message.new", n = count(unread))}</b> })}
        </button>
    }
}

/// `seq` to page back and on from by links, where no script loads more by scrolling.
fn history_links(client: Client, id: ConversationId) -> (Option<i64>, Option<i64>) {
    client.peek(|state| {
        let timeline = state.rooms.get(&id).and_then(|room| room.timeline.as_ref());
        let older = timeline.map(protocol::reducer::Timeline::shown).filter(|shown| !shown.at_start);
        let newer = timeline.and_then(|timeline| timeline.past.as_ref());
        (
            older.and_then(|shown| shown.messages.keys().next().copied()),
            newer.and_then(|past| past.messages.keys().next_back().copied()),
        )
    })
}

fn older_link(id: ConversationId, seq: i64) -> AnyView {
    view! {
        <p class="ways without-script">
            <a href=format!("/c/{id}?before={seq}#m{seq}") rel="external">
                {t!("message.older")}
            </a>
        </p>
    }
    .into_any()
}

fn newer_links(id: ConversationId, seq: i64) -> AnyView {
    view! {
        <p class="ways on without-script">
            <a href=permalink(id, seq) rel="external">
                {t!("message.newer")}
            </a>
            <a href=format!("/c/{id}") rel="external">
                {t!("message.to_latest")}
            </a>
        </p>
    }
    .into_any()
}

/// Whether a dialog is open, which keeps the focus.
fn has_open_dialog() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}
