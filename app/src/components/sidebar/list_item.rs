//! Entry of the list of conversations.

use crate::client::{Client, RoomPart, use_client};
use crate::components::avatar::{Avatar, presence_code};
use crate::components::conversation::is_typing;
use crate::components::count;
use crate::components::presence::{hue, is_suspended, other_member};
use crate::components::view_fn::view_fn;
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
    hue: i64,
    group: bool,
    /// Whether the other person's account is suspended.
    suspended: bool,
    /// Author of the last message, where it is worth naming.
    author: String,
    preview: String,
    at: Timestamp,
    unread: u32,
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
        let preview = match last {
            Some(last) if last.deleted_at.is_some() => t!("list.deleted"),
            Some(last) => last.content.chars().take(PREVIEW).collect(),
            None => t!("list.nothing_said"),
        };
        Entry {
            name: client.name_of_conversation(summary),
            suspended: is_suspended(summary, me),
            hue: hue(summary, me),
            group,
            author,
            preview,
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
    let status = Memo::new(move |_| status(client, id));
    let typing = Signal::derive(move || is_typing(client, id));
    let name = Signal::derive(move || entry.read().name.clone());
    let unread = Signal::derive(move || entry.read().unread);
    let at = Signal::derive(move || entry.read().at);
    let face = move || {
        let (hue, name) = (entry.read().hue, entry.read().name.clone());
        view! { <Avatar hue name /> }
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
        let (author, preview) = (entry.read().author.clone(), entry.read().preview.clone());
        let suspended = entry.read().suspended.then(|| {
            view! { <span class="suspended">{t!("presence.suspended")}</span> }
        });
        let author = (!author.is_empty()).then(|| {
            view! {
                <span class="one-line">
                    <bdi>{author}</bdi>
                    ": "
                </span>
            }
        });
        view! {
            {suspended}
            {author}
            <span class="one-line" dir="auto">
                {preview}
            </span>
        }
        .into_any()
    };
    let is_unread = move || unread.get() > 0;
    let badge = move || {
        let unread = unread.get();
        (unread > 0).then(|| {
            view! {
                <span class="unread">
                    {count(unread)} <span class="visually-hidden">{t!("list.unread")}</span>
                </span>
            }
        })
    };
    view! {
        <li>
            <a
                class="item"
                class:is-unread=Signal::derive(is_unread)
                href=format!("/c/{id}")
                aria-current=Signal::derive(move || (route.get().conversation() == Some(id)).then_some("page"))
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
                {view_fn(badge)}
            </a>
        </li>
    }
    .into_any()
}
