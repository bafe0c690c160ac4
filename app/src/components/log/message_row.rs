//! Row of the log: a message, or a pending one. The `<li>` stays the same while its message is sent, acknowledged, read
//! and deleted; only the changed attributes are updated.

use super::controller::Log;
use super::emoji::is_few_emoji;
use super::layout::Entry;
use super::mention::with_mentions;
use super::menu;
use crate::components::address::{permalink, receipts_href};
use crate::components::avatar::{Avatar, Picture};
use crate::components::bot_badge::BotBadge;
use crate::components::group_event::event_text;
use crate::components::keys::is_modified;
use crate::components::popover::place_beside;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::{reason, t};
use leptos::prelude::*;
use protocol::reducer::{PendingState, Row};
use protocol::{MessageType, Timestamp};
use web_sys::MouseEvent;

/// Longer texts are folded: more lines than this, or more characters.
const FOLD_LINES: usize = 20;
const FOLD_CHARS: usize = 2_000;

impl Entry {
    fn is_system(&self) -> bool {
        self.message().is_some_and(|message| message.message_type == MessageType::System)
    }

    /// The text; `None` where the message was deleted.
    fn text(&self) -> Option<&str> {
        match &self.row {
            Row::Message(message) if message.deleted_at.is_some() => None,
            Row::Message(message) => Some(&message.content),
            Row::Pending(pending) => Some(&pending.content),
        }
    }

    /// Reason why the message was refused.
    fn refusal(&self) -> Option<String> {
        match &self.row {
            Row::Pending(pending) => match &pending.state {
                PendingState::Refused(error) => Some(reason(error)),
                _ => None,
            },
            Row::Message(_) => None,
        }
    }

    fn class(&self, own: bool) -> String {
        let mut class = String::from("message");
        for (is, name) in [
            (own, " own"),
            (self.is_system(), " system"),
            (self.starts, " starts"),
            (self.ends, " ends"),
            (self.text().is_some_and(is_few_emoji), " emoji"),
        ] {
            if is {
                class.push_str(name);
            }
        }
        class
    }
}

/// A row of the log.
#[component]
pub(super) fn MessageRow(log: Log, entry: ArcRwSignal<Entry>) -> impl IntoView {
    let Log { client, direct, .. } = log;
    let (sender, client_id) = entry.read_untracked().key;
    let own = sender == client.me();
    let is_system = entry.read_untracked().is_system();
    let entry = RwSignal::from(entry);
    let text = Memo::new(move |_| {
        let entry = entry.read();
        let event = entry.message().filter(|_| is_system).and_then(|message| event_text(client, message));
        event.or_else(|| entry.text().map(str::to_owned))
    });
    let place = Memo::new(move |_| {
        let entry = entry.read();
        entry.message().map(|message| (message.seq, message.timestamp))
    });
    let progress = move || entry.read().progress;
    let seq = move || place.get().map(|(seq, _)| seq);
    let author = move || {
        let entry = entry.read();
        let sender = &entry.message().filter(|_| !own)?.sender;
        Some((Picture::from(sender), client.name_of(sender), sender.bot))
    };
    // Text for screen readers before the message: "Ana, 14:05, read: ", or "Build, Bot, 14:05: ".
    let label = Signal::derive(move || {
        if is_system {
            return String::new();
        }
        let (author, bot) = match author() {
            Some((_, name, is_bot)) => (name, is_bot.then(|| t!("message.bot"))),
            None => (t!("message.you"), None),
        };
        let clock = place.get().map(|(_, at)| client.zone.get().clock(at));
        let parts = [Some(author), bot, clock, progress().word()];
        format!("{}: ", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    });
    let divider = move || {
        let unread = entry.read().unread;
        unread.map(|n| view! { <p class="divider"><span>{t!("message.new", n = n)}</span></p> })
    };
    // A direct conversation shows no names.
    let name = move || {
        let is_named = !direct && !is_system && entry.read().starts;
        let (picture, name, is_bot) = author().filter(|_| is_named)?;
        Some(view! {
            <span class="side-face">
                <Avatar picture name=name.clone() />
            </span>
            <span class="author" aria-hidden="true">
                <bdi>{name}</bdi>
                {is_bot.then(|| view! { <BotBadge /> })}
            </span>
        })
    };
    let time = move || place.get().map(|(seq, at)| view! { <Time log seq at /> });
    // A message that is pending, deleted or the system's has no menu.
    let has_menu = move || !is_system && place.read().is_some() && text.read().is_some();
    let menu_button = move || has_menu().then(|| view! { <MenuButton log entry /> });
    let ticks = own.then(|| view! { <Ticks log entry /> });
    let failed = own.then(|| view! { <Failed log entry /> });
    view! {
        <li
            class=Signal::derive(move || entry.read().class(own))
            id=Signal::derive(move || seq().map(|seq| format!("m{seq}")))
            tabindex="-1"
            data-client-id=client_id.to_string()
            data-seq=Signal::derive(move || seq().map(|seq| seq.to_string()))
            data-state=Signal::derive(move || progress().code())
        >
            {view_fn(divider)}
            {view_fn(name)}
            <span class="visually-hidden">{label}</span>
            <div class="line">
                <div class="bubble" dir=(!is_system).then_some("auto")>
                    {view_fn(move || content(log, text.get()))}

                    <span class="meta" aria-hidden="true">
                        {view_fn(time)}
                        {ticks}
                    </span>
                </div>
                {view_fn(menu_button)}
            </div>
            {failed}
        </li>
    }
    .into_any()
}

/// Ticks of an own message: a link to its receipts.
#[component]
fn Ticks(log: Log, entry: RwSignal<Entry>) -> impl IntoView {
    let show_receipts = move |event: MouseEvent| {
        if !is_modified(&event)
            && let Some(message) = entry.read_untracked().shared_message()
        {
            event.prevent_default();
            log.show_receipts(message);
        }
    };
    let href = move || entry.read().message().map(|message| receipts_href(log.id, message.seq));
    view! {
        <a
            class="ticks"
            href=Signal::derive(href)
            rel="external"
            tabindex="-1"
            title=Signal::derive(move || entry.read().progress.word())
            on:click=handler(show_receipts)
        ></a>
    }
    .into_any()
}

/// Reason why an own message was refused, with buttons to retry and to discard it.
#[component]
fn Failed(log: Log, entry: RwSignal<Entry>) -> impl IntoView {
    let Log { client, id, .. } = log;
    let client_id = entry.read_untracked().key.1;
    let failed = move || {
        let reason = entry.read().refusal()?;
        Some(view! {
            <p class="failed">
                <span>{reason}</span>
                <button type="button" on:click=handler(move |_| client.retry(id, client_id))>
                    {t!("message.try_again")}
                </button>
                <button type="button" on:click=handler(move |_| client.discard(id, client_id))>
                    {t!("message.delete")}
                </button>
            </p>
        })
    };
    view_fn(failed).into_any()
}

/// The text of a message; a long one is folded by a checkbox, which needs no script.
fn content(log: Log, text: Option<String>) -> AnyView {
    let Some(text) = text else {
        return view! { <p class="gone">{t!("message.deleted")}</p> }.into_any();
    };
    let is_short = text.lines().count() <= FOLD_LINES && text.chars().count() <= FOLD_CHARS;
    let text = with_mentions(log.client, log.id, text);
    if is_short {
        return view! { <p class="content">{text}</p> }.into_any();
    }
    view! {
        <p class="content folded">{text}</p>
        <label class="unfold">
            <input type="checkbox" />
            <span class="more">{t!("message.show_more")}</span>
            <span class="less">{t!("dialog.show_less")}</span>
        </label>
    }
    .into_any()
}

/// The time of a message, which is the link to it. A screen reader has both from the label and the menu.
#[component]
fn Time(log: Log, seq: i64, at: Timestamp) -> impl IntoView {
    let Log { client, id, location, .. } = log;
    let go = move |event: MouseEvent| {
        if !is_modified(&event) {
            event.prevent_default();
            location.replace(&permalink(id, seq));
            log.go_to(seq);
        }
    };
    view! {
        <a class="time" href=permalink(id, seq) tabindex="-1" on:click=handler(go)>
            <time datetime=at.to_string() title=Signal::derive(move || client.zone.get().full(at))>
                {Signal::derive(move || client.zone.get().clock(at))}
            </time>
        </a>
    }
    .into_any()
}

/// Opens the menu of a message.
#[component]
fn MenuButton(log: Log, entry: RwSignal<Entry>) -> impl IntoView {
    let open = move |event: MouseEvent| {
        log.chosen.set(Some(entry.get_untracked()));
        place_beside(menu::ID, &event_target(&event));
    };
    view! {
        <button
            class="menu-button"
            type="button"
            popovertarget=menu::ID
            aria-label=t!("message.more")
            on:click=handler(open)
        >
            "⋯"
        </button>
    }
    .into_any()
}
