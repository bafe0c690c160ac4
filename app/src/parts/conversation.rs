//! A conversation on screen: head, log, typing, composer, and perhaps its details beside it.

use super::composer::Composer;
use super::conversation_head::ConversationHead;
use super::details::Details;
use super::focus;
use super::message_list::MessageList;
use super::typing_line::TypingLine;
use super::{Back, Failure};
use crate::client::use_client;
use crate::live;
use crate::route::conversation_of;
use crate::words::t;
use leptos::prelude::*;
use protocol::ConversationId;

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
    let details = RwSignal::new(live::asked().query == "details");
    // The way back closes them, and the way on opens them again.
    Effect::new(move || {
        let handle = window_event_listener_untyped("popstate", move |_| {
            let asked = live::asked();
            if conversation_of(&asked.path) == Some(id) {
                details.set(asked.query == "details");
            }
        });
        on_cleanup(move || handle.remove());
    });
    // The focus goes into the details, and back to the name that opened them.
    Effect::new(move |before: Option<bool>| {
        let shown = details.get();
        if before.is_some_and(|before| before != shown) {
            focus::go(if shown { ".details-close" } else { ".head h1 a" });
        }
        shown
    });
    view! {
        <Show when=move || there.get() fallback=|| view! { <NotHere /> }>
            <div class="room" class:with-details=move || details.get()>
                <div class="talk">
                    <ConversationHead id details />
                    <Failure />
                    <MessageList id sent />
                    <TypingLine id />
                    <Composer id sent />
                </div>
                {move || details.get().then(|| view! { <Details id shown=details /> })}
            </div>
        </Show>
    }
}

/// In its place, when it is not there for this person.
#[component]
fn NotHere() -> impl IntoView {
    view! {
        <header class="head">
            <Back />
        </header>
        <div class="blank">
            <h1 tabindex="-1">{t!("conversation.not_here")}</h1>
            <p>{t!("conversation.not_here_why")}</p>
            <p><a class="button" href="/">{t!("conversation.to_list")}</a></p>
        </div>
    }
}
