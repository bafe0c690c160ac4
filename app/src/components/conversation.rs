//! A conversation on screen: head, log, typing, composer, and perhaps its details beside it.

use super::composer::composer;
use super::conversation_head::conversation_head;
use super::details::{self, details};
use super::message_list::message_list;
use super::typing_line::typing_line;
use super::{back, dialog, failure, focus};
use crate::client as live;
use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup, part};
use crate::routing::conversation_of;
use crate::wires::{asked, closest, effect, hear, hear_at};
use leptos::prelude::*;
use protocol::ConversationId;
use web_sys::Event;

/// The conversation, kept live while it is on screen.
pub(crate) fn conversation(client: Client, id: ConversationId) -> Markup {
    let there = Memo::new(move |_| client.room(id, |_| ()).is_some());
    effect(move || {
        client.open(id);
        on_cleanup(move || client.close(id));
    });
    let shown = RwSignal::new(live::asked().query == "details");
    // The way back closes them, and the way on opens them again.
    effect(move || {
        hear(&window(), "popstate", move |_| {
            let asked = live::asked();
            if conversation_of(&asked.path) == Some(id) {
                shown.set(asked.query == "details");
            }
        });
    });
    // The focus goes into the details, and back to the name that opened them.
    let mut before = None;
    effect(move || {
        let shown = shown.get();
        if before.replace(shown).is_some_and(|before| before != shown) {
            focus::go(if shown { ".details-close" } else { ".head h1 a" });
        }
    });
    part("talk", move || if there.get() { room(client, id, shown) } else { not_here() })
}

fn room(client: Client, id: ConversationId, shown: RwSignal<bool>) -> Markup {
    let sent = RwSignal::new(0_u32);
    effect(move || hear_at(".room", "click", move |event| pressed(client, id, shown, &event)));
    markup!(
        "<div class='room'><div class='talk'>~~~~~</div>~</div>",
        part("head", move || conversation_head(client, id, shown.get())),
        failure(client),
        message_list(client, id, sent),
        part("typing", move || typing_line(client, id)),
        composer(client, id, sent),
        part("details", move || if shown.get() { details(client, id) } else { Markup::default() })
    )
}

/// A click in the head or in the details.
fn pressed(client: Client, id: ConversationId, shown: RwSignal<bool>, event: &Event) {
    match asked(event).as_str() {
        "details" => {
            event.prevent_default();
            details::turn(id, shown);
        }
        "read" => {
            event.prevent_default();
            let newest = client.peek(|state| Some(state.rooms.get(&id)?.summary.last_message.as_ref()?.id));
            newest.into_iter().for_each(|newest| client.mark_read(id, newest));
        }
        "copy" => {
            live::copy(&format!("/c/{id}"));
        }
        _ => {}
    }
    if closest(event, "#more").is_some() {
        dialog::hide("more");
    }
}

/// In its place, when it is not there for this person.
fn not_here() -> Markup {
    markup!(
        "<header class='head'>~</header><div class='blank'><h1 tabindex='-1'>~</h1>\
         <p>~</p><p><a class='button' href='/'>~</a></p></div>",
        back(),
        t!("conversation.not_here"),
        t!("conversation.not_here_why"),
        t!("conversation.to_list")
    )
}
