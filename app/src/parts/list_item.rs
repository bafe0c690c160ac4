//! One conversation of the list.

use super::presence::{face, other, status};
use super::typing_line::typing_names;
use super::{Face, count};
use crate::client::{Client, use_client};
use crate::route::use_path;
use crate::words::t;
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, MessageType, Status, Timestamp};

/// What a row of the list shows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Item {
    name: String,
    face: i64,
    group: bool,
    author: String,
    preview: String,
    at: Timestamp,
    unread: u32,
    status: Status,
    typing: bool,
}

fn item(client: Client, id: ConversationId) -> Option<Item> {
    let me = client.me();
    let typing = !typing_names(client, id).is_empty();
    client.read(|state| {
        let summary = &state.rooms.get(&id)?.summary;
        let group = summary.kind == ConversationKind::Group;
        let last = summary.last_message.as_ref();
        let author = match last {
            Some(last) if last.message_type == MessageType::System => String::new(),
            Some(last) if last.sender.id == me => t!("list.you"),
            Some(last) if group => last.sender.display_name(),
            _ => String::new(),
        };
        let preview = match last {
            Some(last) if last.deleted_at.is_some() => t!("list.deleted"),
            Some(last) => last.content.chars().take(120).collect(),
            None => t!("list.nothing_said"),
        };
        Some(Item {
            name: summary.name_for(me),
            face: face(summary, me),
            group,
            author,
            preview,
            at: summary.last_activity(),
            unread: summary.unread,
            status: other(summary, me).map(|other| status(state, other)).unwrap_or_default(),
            typing,
        })
    })
}

/// A link to a conversation, with what is new there.
#[component]
pub(crate) fn ListItem(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let item = Memo::new(move |before: Option<&Option<Item>>| {
        // A conversation that goes keeps its looks until its row is gone.
        item(client, id).or_else(|| before.cloned().flatten())
    });
    let unread = move || item.with(|item| item.as_ref().is_some_and(|item| item.unread > 0));
    let path = use_path();
    let href = format!("/c/{id}");
    let here = {
        let href = href.clone();
        move || (*path.read() == href).then_some("page")
    };
    view! {
        <li>
            <a class="item" class:is-unread=unread href=href aria-current=here>
                {move || item.get().map(|item| contents(client, item))}
            </a>
        </li>
    }
}

/// The row as it is now.
fn contents(client: Client, item: Item) -> impl IntoView {
    let zone = client.zone.get();
    let Item { name, face, group, author, preview, at, unread, status, typing } = item;
    let there = match status {
        Status::Online => t!("presence.online"),
        Status::Away => t!("presence.away"),
        Status::Offline => String::new(),
    };
    let last = view! { <span class="visually-hidden">{t!("list.last")}</span> };
    let said = if typing {
        view! { <span class="preview is-typing one-line">{last} {t!("typing.short")}</span> }.into_any()
    } else {
        let author =
            (!author.is_empty()).then(|| view! { <span class="one-line"><bdi>{author}</bdi>": "</span> });
        view! { <span class="preview">{last} {author} <span class="one-line" dir="auto">{preview}</span></span> }
            .into_any()
    };
    view! {
        <Face id=face name=name.clone() group status />
        <span class="name one-line" dir="auto"><bdi>{name}</bdi></span>
        <span class="visually-hidden">{there}</span>
        <time class="when" datetime=at.to_string() title=zone.full(at)>
            {zone.brief(at, client.now.get())}
        </time>
        {said}
        {(unread > 0)
            .then(|| {
                view! {
                    <span class="unread">
                        {count(unread)} <span class="visually-hidden">{t!("list.unread")}</span>
                    </span>
                }
            })}
    }
}
