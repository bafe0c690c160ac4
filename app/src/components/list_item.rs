//! One conversation of the list.

use super::avatar::face;
use super::count;
use super::presence::{self, other, status};
use super::typing_line::typing_names;
use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup};
use leptos::prelude::GetUntracked;
use protocol::{ConversationId, ConversationKind, MessageType, Status, Timestamp};

/// What a row of the list shows.
#[derive(Debug, PartialEq)]
pub(super) struct Item {
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

pub(super) fn item(client: Client, id: ConversationId) -> Option<Item> {
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
            face: presence::face(summary, me),
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

/// A link to a conversation, with what is new there. `here`: it is the one on screen.
pub(super) fn list_item(client: Client, id: ConversationId, item: &Item, here: bool) -> Markup {
    let (zone, now) = (client.zone.get_untracked(), client.now.get_untracked());
    let there = match item.status {
        Status::Online => t!("presence.online"),
        Status::Away => t!("presence.away"),
        Status::Offline => String::new(),
    };
    let last = markup!("<span class='visually-hidden'>~</span>", t!("list.last"));
    let said = if item.typing {
        markup!("<span class='preview is-typing one-line'>~~</span>", last, t!("typing.short"))
    } else {
        let author = (!item.author.is_empty())
            .then(|| markup!("<span class='one-line'><bdi>~</bdi>: </span>", item.author));
        markup!(
            "<span class='preview'>~~<span class='one-line' dir='auto'>~</span></span>",
            last,
            author,
            item.preview
        )
    };
    let unread = (item.unread > 0).then(|| {
        markup!(
            "<span class='unread'>~<span class='visually-hidden'>~</span></span>",
            count(item.unread),
            t!("list.unread")
        )
    });
    markup!(
        "<li><a class='item~' href='/c/~'~>~<span class='name one-line' dir='auto'><bdi>~</bdi></span>\
         <span class='visually-hidden'>~</span><time class='when' datetime='~' title='~'>~</time>~~</a></li>",
        if item.unread > 0 { " is-unread" } else { "" },
        id.0,
        here.then(|| markup!(" aria-current='page'")),
        face(item.face, &item.name, item.group, item.status),
        item.name,
        there,
        item.at.to_string(),
        zone.full(item.at),
        zone.brief(item.at, now),
        said,
        unread
    )
}
