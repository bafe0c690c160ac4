//! One message, or one on its way: a view without wires of its own, made anew over the old one when something of it
//! changes. What is pressed in it says what is to be done in `data-do`; the log listens.

use super::Avatar;
use super::emoji::is_few_emoji;
use super::menu::MENU;
use super::receipts::receipts_of;
use crate::client::Client;
use crate::rows::{Entry, Progress};
use crate::words::{reason, t};
use leptos::html;
use leptos::prelude::*;
use protocol::reducer::{PendingState, Receipt, Row};
use protocol::{ConversationId, Message, MessageType, Timestamp};

/// Longer texts are folded: more lines of their own than this, or more characters.
const FOLD_LINES: usize = 20;
const FOLD_CHARS: usize = 2_000;

/// The link to a message, which works without a script as well.
pub(super) fn link_to(id: ConversationId, seq: i64) -> String {
    format!("/c/{id}?at={seq}#m{seq}")
}

/// How far a message is, in a word.
pub(super) fn progress_word(progress: Progress) -> Option<String> {
    Some(match progress {
        Progress::Theirs => return None,
        Progress::Pending => t!("message.sending"),
        Progress::Failed => t!("message.not_sent"),
        Progress::At(Receipt::Sent) => t!("message.sent"),
        Progress::At(Receipt::Delivered) => t!("message.delivered"),
        Progress::At(Receipt::Read) => t!("message.read"),
    })
}

/// For `data-state`.
fn state(progress: Progress) -> Option<&'static str> {
    match progress {
        Progress::Theirs => None,
        Progress::Pending => Some("pending"),
        Progress::Failed => Some("failed"),
        Progress::At(Receipt::Sent) => Some("sent"),
        Progress::At(Receipt::Delivered) => Some("delivered"),
        Progress::At(Receipt::Read) => Some("read"),
    }
}

/// What a row is, for styles, links and tests.
#[derive(PartialEq)]
struct Marks {
    class: String,
    seq: Option<String>,
    state: Option<&'static str>,
}

fn marks(client: Client, entry: &Entry) -> Marks {
    let message = entry.message();
    let text = match &entry.row {
        Row::Message(message) if message.deleted_at.is_some() => "",
        Row::Message(message) => &message.content,
        Row::Pending(pending) => &pending.content,
    };
    let mut class = String::from("message");
    for (is, name) in [
        (entry.key.0 == client.me(), " own"),
        (message.is_some_and(is_system), " system"),
        (entry.starts, " starts"),
        (entry.ends, " ends"),
        (is_few_emoji(text), " emoji"),
    ] {
        if is {
            class.push_str(name);
        }
    }
    Marks { class, seq: entry.seq().map(|seq| seq.to_string()), state: state(entry.progress) }
}

fn is_system(message: &Message) -> bool {
    message.message_type == MessageType::System
}

/// A row of the log. It stays the same row while its message is sent, acknowledged, read, deleted. `direct`: between
/// two people, who know whose words these are.
pub(super) fn message_row(
    client: Client,
    id: ConversationId,
    direct: bool,
    entry: ArcRwSignal<Entry>,
) -> AnyView {
    let node = NodeRef::<html::Li>::new();
    let Marks { class, seq, state } = entry.with_untracked(|entry| marks(client, entry));
    let client_id = entry.with_untracked(|entry| entry.key.1.to_string());
    let inside = move || {
        entry.with(|entry| {
            // Set by hand: a view that is made anew takes its attributes away first, and with them the focus.
            if let Some(row) = node.get_untracked() {
                let Marks { class, seq, state } = marks(client, entry);
                set(&row, "class", Some(&class));
                set(&row, "id", seq.as_ref().map(|seq| format!("m{seq}")).as_deref());
                set(&row, "data-seq", seq.as_deref());
                set(&row, "data-state", state);
            }
            inside(client, id, direct, entry)
        })
    };
    view! {
        <li
            node_ref=node
            class=class
            id=seq.as_ref().map(|seq| format!("m{seq}"))
            tabindex="-1"
            data-client-id=client_id
            data-seq=seq
            data-state=state
        >
            {inside}
        </li>
    }
    .into_any()
}

fn set(row: &web_sys::Element, name: &str, value: Option<&str>) {
    if row.get_attribute(name).as_deref() != value {
        let _ = match value {
            Some(value) => row.set_attribute(name, value),
            None => row.remove_attribute(name),
        };
    }
}

fn inside(client: Client, id: ConversationId, direct: bool, entry: &Entry) -> AnyView {
    let own = entry.key.0 == client.me();
    let message = entry.message();
    let (text, refused) = match &entry.row {
        Row::Message(message) => (message.content.clone(), None),
        Row::Pending(pending) => match &pending.state {
            PendingState::Refused(error) => (pending.content.clone(), Some(reason(error))),
            _ => (pending.content.clone(), None),
        },
    };
    let system = message.is_some_and(is_system);
    let deleted = message.is_some_and(|message| message.deleted_at.is_some());
    let author = message.filter(|_| !own).map(|message| message.sender.display_name());
    let at = message.map(|message| message.timestamp);
    let clock = at.map(|at| client.zone.get().clock(at));
    let named = author.clone().filter(|_| entry.starts && !system && !direct);
    let face = message.map_or(entry.key.0.0, |message| message.sender.face());
    let actions = (message.is_some() && !deleted && !system).then(|| {
        view! {
            <button class="menu-button" r#type="button" popovertarget=MENU data-do="menu" aria-label=t!("message.more")>
                "⋯"
            </button>
        }
    });
    view! {
        {entry.unread.map(|unread| {
            view! { <p class="divider"><span>{t!("message.new", n = unread)}</span></p> }
        })}
        {named.map(|author| {
            view! {
                <span class="side-face"><Avatar id=face name=author.clone() /></span>
                <bdi class="author" aria-hidden="true">{author}</bdi>
            }
        })}
        <span class="visually-hidden">{(!system).then(|| label(author, clock.clone(), entry.progress))}</span>
        <div class="line">
            <div class="bubble" dir="auto">
                {if deleted { view! { <p class="gone">{t!("message.deleted")}</p> }.into_any() } else { content(text) }}
                <span class="meta" aria-hidden="true">
                    {at.zip(entry.seq()).map(|(at, seq)| permalink(client, id, at, seq, clock))}
                    <a
                        class="ticks"
                        href=entry.seq().filter(|_| own).map(|seq| receipts_of(id, seq))
                        rel="external"
                        tabindex="-1"
                        title=progress_word(entry.progress)
                    ></a>
                </span>
            </div>
            {actions}
        </div>
        {refused.map(|reason| {
            view! {
                <p class="failed">
                    <span>{reason}</span>
                    <button r#type="button" data-do="again">{t!("message.try_again")}</button>
                    <button r#type="button" data-do="discard">{t!("message.delete")}</button>
                </p>
            }
        })}
    }
    .into_any()
}

/// What a screen reader says before the text: "Ana, 14:05, read: ".
fn label(author: Option<String>, clock: Option<String>, progress: Progress) -> String {
    let mut label = author.unwrap_or_else(|| t!("message.you"));
    for part in [clock, progress_word(progress)].into_iter().flatten() {
        label.push_str(", ");
        label.push_str(&part);
    }
    label.push_str(": ");
    label
}

fn content(text: String) -> AnyView {
    if text.lines().count() <= FOLD_LINES && text.chars().count() <= FOLD_CHARS {
        return view! { <p class="content">{text}</p> }.into_any();
    }
    // Unfolded by a box to tick, so that it needs no script.
    view! {
        <p class="content folded">{text}</p>
        <label class="unfold">
            <input type="checkbox" />
            {t!("message.show_more")}
        </label>
    }
    .into_any()
}

/// The time, which is the link to the message. A screen reader has both from elsewhere: the label and the menu.
fn permalink(client: Client, id: ConversationId, at: Timestamp, seq: i64, clock: Option<String>) -> AnyView {
    view! {
        <a class="time" href=link_to(id, seq) tabindex="-1">
            <time datetime=at.to_string() title=client.zone.get().full(at)>{clock}</time>
        </a>
    }
    .into_any()
}
