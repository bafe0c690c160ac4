//! One message, or one on its way.

use super::Avatar;
use super::menu::Menu;
use super::ticks::{Progress, Ticks};
use crate::client::{Client, use_client};
use crate::rows::{Entry, Key, Rows};
use crate::words::reason;
use leptos::prelude::*;
use protocol::reducer::{PendingState, Row};
use protocol::{ConversationId, ErrorBody, MessageId, MessageType, Timestamp};

fn progress(client: Client, id: ConversationId, entry: &Entry) -> Progress {
    match &entry.row {
        Row::Pending(pending) if matches!(pending.state, PendingState::Refused(_)) => Progress::Failed,
        Row::Pending(_) => Progress::Pending,
        Row::Message(message) if message.sender.id != client.me() => Progress::Theirs,
        Row::Message(message) => Progress::At(client.read(|state| state.receipt(id, message.seq))),
    }
}

/// The parts of a row that its place and its fate do not change.
#[derive(Clone, PartialEq)]
struct Words {
    content: String,
    deleted: bool,
    system: bool,
    author: String,
    face: i64,
    message: Option<MessageId>,
    seq: Option<i64>,
    at: Option<Timestamp>,
    refused: Option<ErrorBody>,
}

fn words(entry: &Entry, client: Client) -> Words {
    match &entry.row {
        Row::Message(message) => Words {
            content: message.content.clone(),
            deleted: message.deleted_at.is_some(),
            system: message.message_type == MessageType::System,
            author: message.sender.display_name(),
            face: message.sender.face(),
            message: Some(message.id),
            seq: Some(message.seq),
            at: Some(message.timestamp),
            refused: None,
        },
        Row::Pending(pending) => Words {
            content: pending.content.clone(),
            deleted: false,
            system: false,
            author: client.peek(|state| state.me.display_name()),
            face: client.me().0,
            message: None,
            seq: None,
            at: None,
            refused: match &pending.state {
                PendingState::Refused(error) => Some(error.clone()),
                _ => None,
            },
        },
    }
}

/// A row of the log. It stays the same row while its message is sent, acknowledged, read, deleted.
#[component]
pub(crate) fn MessageRow(id: ConversationId, key: Key, rows: Memo<Rows>) -> impl IntoView {
    let client = use_client();
    let own = key.0 == client.me();
    let entry = Memo::new(move |before: Option<&Option<Entry>>| {
        rows.with(|rows| rows.entries.get(&key).cloned()).or_else(|| before.cloned().flatten())
    });
    let flag = move |read: fn(&Entry) -> bool| entry.with(|entry| entry.as_ref().is_some_and(read));
    let words = Memo::new(move |_| entry.with(|entry| entry.as_ref().map(|entry| words(entry, client))));
    let part = move |read: fn(&Words) -> bool| words.with(|words| words.as_ref().is_some_and(read));
    let progress = Memo::new(move |_| {
        entry.with(|entry| entry.as_ref().map_or(Progress::Theirs, |entry| progress(client, id, entry)))
    });
    let at = move || words.with(|words| words.as_ref().and_then(|words| words.at));
    view! {
        <li
            class="message"
            class:own=own
            class:system=move || part(|words| words.system)
            class:starts=move || flag(|entry| entry.starts)
            class:ends=move || flag(|entry| entry.ends)
            data-client-id=key.1.to_string()
            data-seq=move || words.with(|words| words.as_ref().and_then(|words| words.seq)).map(|seq| seq.to_string())
            data-state=move || progress.get().name()
        >
            {move || {
                let day = flag(|entry| entry.new_day).then(at).flatten();
                day.map(|at| {
                    view! {
                        <p class="day"><span>{client.zone.get().heading(at, client.now.get())}</span></p>
                    }
                })
            }}
            {move || {
                let unread = entry.with(|entry| entry.as_ref().and_then(|entry| entry.unread));
                unread.map(|unread| view! { <p class="divider"><span>{format!("{unread} new")}</span></p> })
            }}
            {move || {
                let named = !own && flag(|entry| entry.starts) && !part(|words| words.system);
                words
                    .with(|words| words.as_ref().filter(|_| named).map(|words| (words.author.clone(), words.face)))
                    .map(|(author, face)| {
                        view! {
                            <span class="side-face"><Avatar id=face name=author.clone() /></span>
                            <bdi class="author">{author}</bdi>
                        }
                    })
            }}
            <div class="line">
                <div class="bubble">
                    {move || {
                        words
                            .get()
                            .map(|words| {
                                if words.deleted {
                                    view! { <p class="gone">"Message deleted"</p> }.into_any()
                                } else {
                                    view! { <p class="content" dir="auto">{words.content}</p> }.into_any()
                                }
                            })
                    }}
                    <span class="meta">
                        {move || {
                            at().map(|at| {
                                view! {
                                    <time datetime=at.to_string() title=move || client.zone.get().full(at)>
                                        {move || client.zone.get().clock(at)}
                                    </time>
                                }
                            })
                        }}
                        <Ticks progress />
                    </span>
                </div>
                {move || {
                    let message = words.with(|words| {
                        words.as_ref().filter(|words| !words.deleted && !words.system).and_then(|words| words.message)
                    });
                    message.map(|message| view! { <Menu conversation=id message own /> })
                }}
            </div>
            {move || {
                let refused = words.with(|words| words.as_ref().and_then(|words| words.refused.clone()));
                refused.map(|error| view! { <Failed id key error /> })
            }}
        </li>
    }
}

/// Why a message was not sent, and what to do about it.
#[component]
fn Failed(id: ConversationId, key: Key, error: ErrorBody) -> impl IntoView {
    let client = use_client();
    view! {
        <p class="failed">
            <span>{reason(&error)}</span>
            <button r#type="button" on:click=move |_| client.try_again(id, key.1)>
                "Try again"
            </button>
            <button r#type="button" on:click=move |_| client.discard(id, key.1)>
                "Delete"
            </button>
        </p>
    }
}
