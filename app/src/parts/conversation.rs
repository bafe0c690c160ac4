//! A conversation on screen: head, log, typing, composer.

use super::composer::Composer;
use super::list_item::{face, is_online};
use super::message_list::MessageList;
use super::typing_line::TypingLine;
use super::{Avatar, Badge, Failure};
use crate::client::use_client;
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind};

/// The conversation, kept live while it is on screen.
#[component]
pub(crate) fn Conversation(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let there = Memo::new(move |_| client.room(id, |_| ()).is_some());
    Effect::new(move || {
        client.open(id);
        on_cleanup(move || client.close(id));
    });
    let sent = RwSignal::new(0_u32);
    view! {
        <Show
            when=move || there.get()
            fallback=|| {
                view! {
                    <div class="blank">
                        <h1>"Not here"</h1>
                        <p>"There is no such conversation, or you are not part of it."</p>
                        <p><a class="button" href="/">"To your conversations"</a></p>
                    </div>
                }
            }
        >
            <ConversationHead id />
            <Failure />
            <MessageList id sent />
            <TypingLine id />
            <Composer id sent />
        </Show>
    }
}

/// Who it is with, and whether they are there.
#[component]
fn ConversationHead(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let name =
        Memo::new(move |_| client.room(id, |room| room.summary.name_for(client.me())).unwrap_or_default());
    let hue = Memo::new(move |_| client.room(id, |room| face(&room.summary, client.me())).unwrap_or(id.0));
    let unread = Memo::new(move |_| client.room(id, |room| room.summary.unread).unwrap_or_default());
    let about = Memo::new(move |_| {
        let group = client
            .room(id, |room| {
                (room.summary.kind == ConversationKind::Group).then_some(room.summary.member_count)
            })
            .flatten();
        match group {
            Some(1) => "1 member".to_owned(),
            Some(members) => format!("{members} members"),
            None if is_online(client, id) => "Online".to_owned(),
            None => String::new(),
        }
    });
    view! {
        <header class="head">
            <a class="icon-button back" href="/" aria-label="Back to the list">
                "‹"
            </a>
            {move || view! { <Avatar id=hue.get() name=name.get() /> }}
            <div class="head-words">
                <h1><bdi>{move || name.get()}</bdi></h1>
                <p class="quiet">{move || about.get()}</p>
            </div>
            {move || {
                (unread.get() > 0)
                    .then(|| {
                        view! {
                            <form class="without-script" method="post" action=format!("/c/{id}/read")>
                                <button class="button plain">"Mark as read"</button>
                            </form>
                        }
                    })
            }}
            <Badge />
        </header>
    }
}
