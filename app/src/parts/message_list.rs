//! The log of a conversation, and what stands around it.

use super::count;
use super::keys;
use super::log::{Log, Shape};
use super::menu::{self, Menu};
use super::message_row::{link_to, message_row};
use super::note::{Note, NoteLine};
use super::receipts::{self, ReceiptsDialog};
use super::scroll::seq;
use crate::client::{Client, use_client};
use crate::live;
use crate::rows::Item;
use crate::words::t;
use leptos::prelude::*;
use protocol::{ClientId, ConversationId, ConversationKind};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The log.
#[component]
pub(crate) fn MessageList(
    id: ConversationId,
    /// Counts own sends: each brings the log to its end.
    sent: RwSignal<u32>,
) -> impl IntoView {
    let client = use_client();
    let at = live::asked().query.split('&').find_map(|part| part.strip_prefix("at=")?.parse::<i64>().ok());
    // The page came with the stretch around it, if it is there at all.
    let missing = at.is_some_and(|at| {
        client.peek(|state| {
            let timeline = state.rooms.get(&id).and_then(|room| room.timeline.as_ref());
            timeline.is_some_and(|timeline| !timeline.shown().messages.contains_key(&at))
        })
    });
    if missing {
        client.to_latest(id);
    }
    let log = Log::new(client, id);
    log.note.set(missing.then(|| Note::Words(t!("message.not_here"))));

    Effect::new(move || log.changed());
    Effect::new(move || log.link_changed());
    Effect::new(move || at.filter(|_| !missing).into_iter().for_each(|at| log.go_to(at)));
    Effect::new(move |before: Option<u32>| {
        let times = sent.get();
        if before.is_some_and(|before| before != times) {
            log.to_latest(true);
        }
        times
    });
    Effect::new(move || {
        let handles = ["focus", "blur", "visibilitychange", "resize"]
            .map(|name| window_event_listener_untyped(name, move |_| log.attention_changed()));
        on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
    });

    let (older, newer) = ways(client, id);
    let direct = client
        .peek(|state| state.rooms.get(&id).is_some_and(|room| room.summary.kind == ConversationKind::Direct));
    let clicked = move |event: web_sys::MouseEvent| {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return;
        };
        let closest = |selector: &str| target.closest(selector).ok().flatten();
        let Some(row) = closest("[data-client-id]") else { return };
        let client_id = row.get_attribute("data-client-id").and_then(|id| id.parse::<ClientId>().ok());
        match (closest("[data-do]"), client_id) {
            (Some(button), Some(client_id)) => match button.get_attribute("data-do").as_deref() {
                Some("again") => client.try_again(id, client_id),
                Some("discard") => client.discard(id, client_id),
                Some("menu") => {
                    log.chosen.set(log.rows.find(|entry| entry.seq().is_some() && entry.seq() == seq(&row)));
                    menu::place(&button);
                }
                _ => {}
            },
            _ => {
                let plain = !(event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key());
                if let (Some(link), Some(seq), true) = (closest(".meta a[href]"), seq(&row), plain) {
                    event.prevent_default();
                    let href = link.get_attribute("href").unwrap_or_default();
                    if link.class_name() == "ticks" {
                        receipts::show(href, log.note);
                    } else {
                        live::is_at(&href);
                        log.go_to(seq);
                    }
                }
            }
        }
    };
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
                on:click=clicked
                on:keydown=move |event| {
                    log.node.get_untracked().iter().for_each(|log| keys::pressed(log, &event));
                }
            >
                <div class="log-inner">
                    {older.map(|seq| way_back(id, seq))}
                    {move || match log.shape.get() {
                        Shape::Loading => view! { <div class="shape whole"><i></i><i></i><i></i><i></i><i></i></div> }.into_any(),
                        Shape::Empty => view! { <p class="quiet empty">{t!("message.nothing_said")}</p> }.into_any(),
                        Shape::More => view! { <div class="shape"><i></i><i></i></div> }.into_any(),
                        Shape::Whole => ().into_any(),
                    }}
                    <ol class="messages" class:direct=direct>
                        <For each=move || log.rows.items.get() key=|item| *item let:item>
                            {match item {
                                Item::Day(day) => heading(client, day),
                                Item::Row(key) => log.rows.get(key).map(|entry| message_row(client, id, direct, entry)).into_any(),
                            }}
                        </For>
                    </ol>
                </div>
            </div>
            {newer.map(|seq| way_on(id, seq))}
            {move || {
                log.below.get().map(|unread| {
                    view! {
                        <button class="jump" r#type="button" on:click=move |_| log.to_latest(false)>
                            {t!("message.jump")}
                            {(unread > 0).then(|| view! { <b>{t!("message.new", n = count(unread))}</b> })}
                        </button>
                    }
                })
            }}
            <NoteLine id note=log.note />
            <Menu id direct chosen=log.chosen note=log.note />
            <ReceiptsDialog />
        </div>
    }
}

/// The head of a day, which stays in sight while its messages are.
fn heading(client: Client, day: i64) -> AnyView {
    view! {
        <li class="day">
            <span>{move || client.zone.get().day_heading(day, client.now.get())}</span>
        </li>
    }
    .into_any()
}

/// The places to page back and on from, where there is no script to do it by scrolling.
fn ways(client: Client, id: ConversationId) -> (Option<i64>, Option<i64>) {
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

fn way_back(id: ConversationId, seq: i64) -> impl IntoView {
    view! {
        <p class="ways without-script">
            <a href=format!("/c/{id}?before={seq}#m{seq}") rel="external">
                {t!("message.older")}
            </a>
        </p>
    }
}

fn way_on(id: ConversationId, seq: i64) -> impl IntoView {
    view! {
        <p class="ways on without-script">
            <a href=link_to(id, seq) rel="external">
                {t!("message.newer")}
            </a>
            <a href=format!("/c/{id}") rel="external">
                {t!("message.to_latest")}
            </a>
        </p>
    }
}
