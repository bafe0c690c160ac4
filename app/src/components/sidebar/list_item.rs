//! Entry of the list of conversations.

use super::row_menu::{RowMenuButton, open_by_key};
use crate::client::{Client, RoomPart, use_client};
use crate::components::avatar::{Avatar, Picture, presence_code};
use crate::components::conversation::is_typing;
use crate::components::count;
use crate::components::group_event::event_text;
use crate::components::presence::{is_suspended, other_member, picture};
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use crate::routing::use_location;
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, MessageType, Status, Timestamp};

/// Longest preview, in characters.
const PREVIEW: usize = 120;

/// Entry of a conversation, without presence and typing.
#[derive(Clone, Debug, Default, PartialEq)]
struct Entry {
    name: String,
    picture: Picture,
    group: bool,
    /// Kind and title of the subject; empty without one.
    subject: String,
    /// Whether the other person's account is suspended.
    suspended: bool,
    /// Author of the last message, where it is worth naming.
    author: String,
    preview: String,
    /// Whether the preview is a text of the interface, in whose direction it is written.
    is_event: bool,
    at: Timestamp,
    unread: u32,
}

/// The person's own state of the conversation.
#[derive(Clone, Debug, Default, PartialEq)]
struct Own {
    muted: bool,
    pinned: bool,
    marked: bool,
    draft: String,
}

fn own(client: Client, id: ConversationId) -> Option<Own> {
    client.room(id, RoomPart::Own, |room| {
        let summary = &room.summary;
        Own {
            muted: client.peek(|state| state.is_muted(summary)),
            pinned: summary.pinned.is_some(),
            marked: summary.marked_unread,
            draft: summary.draft.iter().flat_map(|draft| draft.chars().take(PREVIEW)).collect(),
        }
    })
}

fn entry(client: Client, id: ConversationId) -> Option<Entry> {
    let me = client.me();
    client.room(id, RoomPart::Summary, |room| {
        let summary = &room.summary;
        let group = summary.kind == ConversationKind::Group;
        let last = summary.last_message.as_ref();
        let author = match last {
            Some(last) if last.message_type == MessageType::System => String::new(),
            Some(last) if last.sender.id == me => t!("list.you"),
            Some(last) if group => client.name_of(&last.sender),
            _ => String::new(),
        };
        let event = last.and_then(|last| event_text(client, last));
        let is_event = event.is_some();
        let preview = match last {
            _ if is_event => event.unwrap_or_default(),
            Some(last) if last.deleted_at.is_some() => t!("list.deleted"),
            Some(last) => last.content.chars().take(PREVIEW).collect(),
            None => t!("list.nothing_said"),
        };
        Entry {
            name: client.name_of_conversation(summary),
            suspended: is_suspended(summary, me),
            picture: picture(summary, me),
            group,
            subject: summary
                .subject
                .as_ref()
                .map(|subject| format!("{}: {}", subject.kind_name, subject.title))
                .unwrap_or_default(),
            author,
            preview,
            is_event,
            at: summary.last_activity(),
            unread: summary.unread,
        }
    })
}

/// Presence of the other person of a direct conversation.
fn status(client: Client, id: ConversationId) -> Status {
    let other = client.room(id, RoomPart::Summary, |room| other_member(&room.summary, client.me())).flatten();
    other.and_then(|other| client.presence(other)).map(|there| there.status).unwrap_or_default()
}

/// A link to a conversation with what is new in it.
#[component]
pub(super) fn ListItem(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let route = use_location().route;
    let entry = Memo::new(move |before: Option<&Entry>| {
        // A removed conversation keeps its appearance until its row is removed.
        entry(client, id).or_else(|| before.cloned()).unwrap_or_default()
    });
    let own = Memo::new(move |before: Option<&Own>| {
        own(client, id).or_else(|| before.cloned()).unwrap_or_default()
    });
    let is_open = Memo::new(move |_| route.get().conversation() == Some(id));
    let status = Memo::new(move |_| status(client, id));
    let typing = Signal::derive(move || is_typing(client, id));
    let name = Signal::derive(move || entry.read().name.clone());
    let unread = Signal::derive(move || entry.read().unread);
    let at = Signal::derive(move || entry.read().at);
    let face = move || {
        let (picture, name) = (entry.read().picture.clone(), entry.read().name.clone());
        view! { <Avatar picture name /> }
    };
    let subject = move || {
        let subject = entry.read().subject.clone();
        (!subject.is_empty()).then(|| {
            view! {
                <span class="item-subject">
                    " · "
                    <bdi>{subject}</bdi>
                </span>
            }
        })
    };
    let presence = move || match status.get() {
        Status::Online => t!("presence.online"),
        Status::Away => t!("presence.away"),
        Status::Offline => String::new(),
    };
    let last = move || {
        if typing.get() {
            return view! { <span class="one-line">{t!("typing.short")}</span> }.into_any();
        }
        let draft = own.read().draft.clone();
        if !draft.is_empty() && !is_open.get() {
            return view! {
                <span class="one-line preview-author draft">
                    <bdi>{t!("own.draft")}</bdi>
                    ": "
                </span>
                <span class="one-line" dir="auto">
                    {draft}
                </span>
            }
            .into_any();
        }
        let (author, preview) = (entry.read().author.clone(), entry.read().preview.clone());
        let is_event = entry.read().is_event;
        let suspended = entry.read().suspended.then(|| {
            view! { <span class="suspended">{t!("presence.suspended")}</span> }
        });
        let author = (!author.is_empty()).then(|| {
            view! {
                <span class="one-line preview-author">
                    <bdi>{author}</bdi>
                    ": "
                </span>
            }
        });
        view! {
            {suspended}
            {author}
            <span class="one-line" dir=(!is_event).then_some("auto")>
                {preview}
            </span>
        }
        .into_any()
    };
    let muted = Signal::derive(move || own.read().muted);
    let marked = Signal::derive(move || own.read().marked);
    let is_unread = move || unread.get() > 0 || marked.get();
    let marks = move || {
        let (muted, pinned) = (muted.get(), own.read().pinned);
        let mark = |icon: &str, words: String| {
            view! {
                <span class=format!("icon {icon}") aria-hidden="true"></span>
                <span class="visually-hidden">{words}</span>
            }
        };
        let muted = muted.then(|| mark("icon-mute", t!("own.muted")));
        let pinned = pinned.then(|| mark("icon-pin", t!("own.pinned")));
        view! {
            {muted}
            {pinned}
        }
    };
    let badge = move || {
        let (unread, marked) = (unread.get(), marked.get());
        let words = if unread > 0 { t!("list.unread") } else { t!("own.marked") };
        (unread > 0 || marked).then(|| {
            let number = (unread > 0).then(|| count(unread));
            view! {
                <span class="unread" class:is-mark=unread == 0>
                    {number} <span class="visually-hidden">{words}</span>
                </span>
            }
        })
    };
    view! {
        <li class="list-row" on:keydown=handler(|event| open_by_key(&event))>
            <a
                class="item"
                class:is-unread=Signal::derive(is_unread)
                class:is-muted=muted
                href=format!("/c/{id}")
                aria-current=Signal::derive(move || is_open.get().then_some("page"))
            >
                <span
                    class="face"
                    class:is-group=Signal::derive(move || entry.read().group)
                    data-presence=Signal::derive(move || presence_code(status.get()))
                >
                    {view_fn(face)}
                </span>
                <span class="name one-line" dir="auto">
                    <bdi>{name}</bdi>
                    {view_fn(subject)}
                </span>
                <span class="visually-hidden">{Signal::derive(presence)}</span>
                <time
                    class="when"
                    datetime=Signal::derive(move || at.get().to_string())
                    title=Signal::derive(move || client.zone.get().full(at.get()))
                >
                    {Signal::derive(move || client.zone.get().brief(at.get(), client.now.get()))}
                </time>
                <span class="preview" class:is-typing=typing>
                    <span class="visually-hidden">{t!("list.last")}</span>
                    {view_fn(last)}
                </span>
                <span class="badges">{view_fn(marks)} {view_fn(badge)}</span>
            </a>
            <RowMenuButton id name />
        </li>
    }
    .into_any()
}
