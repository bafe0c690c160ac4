//! The log of a conversation, and what stands around it.

use super::count;
use super::keys;
use super::log::{Log, Shape};
use super::menu;
use super::message_row::link_to;
use super::note::{Note, note_line};
use super::receipts;
use super::scroll::seq;
use crate::client as live;
use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup, part};
use crate::wires::{asked, closest, effect, hear, hear_at};
use leptos::prelude::*;
use protocol::{ClientId, ConversationId};
use wasm_bindgen::JsCast;
use web_sys::{Event, MouseEvent};

/// The log. `sent` counts own sends: each brings the log to its end.
pub(super) fn message_list(client: Client, id: ConversationId, sent: RwSignal<u32>) -> Markup {
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

    effect(move || log.changed());
    effect(move || log.link_changed());
    effect(move || at.filter(|_| !missing).into_iter().for_each(|at| log.go_to(at)));
    let mut before = None;
    effect(move || {
        let times = sent.get();
        if before.replace(times).is_some_and(|before| before != times) {
            log.to_latest(true);
        }
    });
    effect(move || {
        for event in ["focus", "blur", "visibilitychange", "resize"] {
            hear(&window(), event, move |_| log.attention_changed());
        }
        hear_at(".log-frame", "click", move |event| pressed(client, id, log, &event));
        hear_at(".log", "scroll", move |_| log.moved());
        hear_at(".log", "keydown", move |event| {
            if let (Some(log), Some(event)) = (log.node(), event.dyn_ref()) {
                keys::pressed(&log, event);
            }
        });
    });
    let (older, newer) = ways(client, id);
    markup!(
        "<div class='log-frame'><div class='log' role='log' aria-label='~' aria-relevant='additions' tabindex='0'>\
         <div class='log-inner'>~~~</div></div>~~~~~</div>",
        t!("message.log"),
        older.map(|seq| way_back(id, seq)),
        part("shape", move || shape(log.shape.get())),
        log.markup(),
        newer.map(|seq| way_on(id, seq)),
        part("latest", move || log.below.get().map(to_latest).unwrap_or_default()),
        note_line(client, id, log.note),
        part("menu", move || log.chosen.with(|chosen| menu::menu(client, log.direct, chosen.as_ref()))),
        receipts::dialog()
    )
}

/// A click in the log, or in what stands around it.
fn pressed(client: Client, id: ConversationId, log: Log, event: &Event) {
    let what = asked(event);
    if closest(event, ".menu-list").is_some() {
        let chosen = log.chosen.get_untracked();
        return menu::act(client, id, chosen.as_ref(), &what, log.note);
    }
    if what == "latest" {
        return log.to_latest(false);
    }
    let Some(row) = closest(event, "[data-client-id]") else { return };
    let client_id = row.get_attribute("data-client-id").and_then(|id| id.parse::<ClientId>().ok());
    match (what.as_str(), client_id) {
        ("again", Some(client_id)) => client.try_again(id, client_id),
        ("discard", Some(client_id)) => client.discard(id, client_id),
        ("menu", _) => {
            log.chosen.set(seq(&row).and_then(|seq| log.find(seq)));
            closest(event, "[data-do]").as_deref().into_iter().for_each(menu::place);
            menu::begin();
        }
        _ => {
            let plain = event.dyn_ref::<MouseEvent>().is_some_and(|event| {
                !(event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key())
            });
            if let (Some(link), Some(seq), true) = (closest(event, ".meta a[href]"), seq(&row), plain) {
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
}

/// What stands before the first message.
fn shape(shape: Shape) -> Markup {
    match shape {
        Shape::Loading => markup!("<div class='shape whole'><i></i><i></i><i></i><i></i><i></i></div>"),
        Shape::Empty => markup!("<p class='quiet empty'>~</p>", t!("message.nothing_said")),
        Shape::More => markup!("<div class='shape'><i></i><i></i></div>"),
        Shape::Whole => Markup::default(),
    }
}

/// The way down, past so many that are unread.
fn to_latest(unread: u32) -> Markup {
    let new = (unread > 0).then(|| markup!("<b>~</b>", t!("message.new", n = count(unread))));
    markup!("<button class='jump' type='button' data-do='latest'>~~</button>", t!("message.jump"), new)
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

fn way_back(id: ConversationId, seq: i64) -> Markup {
    markup!(
        "<p class='ways without-script'><a href='/c/~?before=~#m~' rel='external'>~</a></p>",
        id.0,
        seq,
        seq,
        t!("message.older")
    )
}

fn way_on(id: ConversationId, seq: i64) -> Markup {
    markup!(
        "<p class='ways on without-script'><a href='~' rel='external'>~</a><a href='/c/~' rel='external'>~</a></p>",
        link_to(id, seq),
        t!("message.newer"),
        id.0,
        t!("message.to_latest")
    )
}
