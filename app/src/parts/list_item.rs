//! One conversation of the list.

use super::typing_line::typing_names;
use super::{Avatar, count};
use crate::client::{Client, use_client};
use crate::route::use_path;
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, MessageType, Status, Timestamp, UserId};

/// What a row of the list shows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Item {
    name: String,
    face: i64,
    author: String,
    preview: String,
    at: Timestamp,
    unread: u32,
    online: bool,
    typing: bool,
}

fn item(client: Client, id: ConversationId) -> Option<Item> {
    let me = client.me();
    let typing = !typing_names(client, id).is_empty();
    let mut item = client.room(id, |room| {
        let summary = &room.summary;
        let direct = summary.kind == ConversationKind::Direct;
        let last = summary.last_message.as_ref();
        let author = match last {
            Some(last) if last.message_type == MessageType::System => String::new(),
            Some(last) if last.sender.id == me => "You: ".to_owned(),
            Some(last) if !direct => format!("{}: ", last.sender.display_name()),
            _ => String::new(),
        };
        let preview = match last {
            Some(last) if last.deleted_at.is_some() => "Message deleted".to_owned(),
            Some(last) => last.content.chars().take(120).collect(),
            None => "Nothing said yet".to_owned(),
        };
        Item {
            name: summary.name_for(me),
            face: face(summary, me),
            author,
            preview,
            at: summary.last_activity(),
            unread: summary.unread,
            online: false,
            typing,
        }
    })?;
    item.online = is_online(client, id);
    Some(item)
}

/// The other one of two.
fn other(conversation: &protocol::Conversation, me: UserId) -> Option<UserId> {
    let direct = conversation.kind == ConversationKind::Direct;
    let mut members = conversation.members.iter().map(|member| member.user.id);
    members.find(|&id| id != me).filter(|_| direct)
}

/// Whose colour a conversation has: the other one's, or its own.
pub(crate) fn face(conversation: &protocol::Conversation, me: UserId) -> i64 {
    let other = other(conversation, me);
    let other = conversation.members.iter().find(|member| Some(member.user.id) == other);
    other.map_or(conversation.id.0, |other| other.user.face())
}

/// Whether the other one of two is there.
pub(crate) fn is_online(client: Client, id: ConversationId) -> bool {
    let me = client.me();
    client.read(|state| {
        let other = state.rooms.get(&id).and_then(|room| other(&room.summary, me));
        let there = other.and_then(|other| state.presence.get(&other));
        there.is_some_and(|there| there.status == Status::Online)
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
    let part = move |read: fn(&Item) -> String| item.with(|item| item.as_ref().map(read).unwrap_or_default());
    let unread = Memo::new(move |_| item.with(|item| item.as_ref().map_or(0, |item| item.unread)));
    let at = Memo::new(move |_| item.with(|item| item.as_ref().map_or(Timestamp(0), |item| item.at)));
    let brief = move || client.zone.get().brief(at.get(), client.now.get());
    let flag = move |read: fn(&Item) -> bool| item.with(|item| item.as_ref().is_some_and(read));
    let path = use_path();
    let href = format!("/c/{id}");
    let here = {
        let href = href.clone();
        move || (*path.read() == href).then_some("page")
    };
    view! {
        <li>
            <a class="item" class:is-unread=move || { unread.get() > 0 } href=href aria-current=here>
                <span class="face" class:is-online=move || flag(|item| item.online)>
                    {move || {
                        item.with(|item| {
                            item.as_ref().map(|item| view! { <Avatar id=item.face name=item.name.clone() /> })
                        })
                    }}
                </span>
                <bdi class="name">{move || part(|item| item.name.clone())}</bdi>
                <time class="when" title=move || client.zone.get().full(at.get())>
                    {brief}
                </time>
                <span class="preview">
                    <span class="visually-hidden">"Last: "</span>
                    {move || if flag(|item| item.typing) { "typing…".to_owned() } else { part(|item| format!("{}{}", item.author, item.preview)) }}
                </span>
                <Show when=move || { unread.get() > 0 }>
                    <span class="unread">
                        {move || count(unread.get())} <span class="visually-hidden">" unread"</span>
                    </span>
                </Show>
            </a>
        </li>
    }
}
