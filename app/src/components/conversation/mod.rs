//! A conversation on screen: header, messages, typing line, composer, and perhaps its details.

mod composer;
mod composer_note;
mod details;
mod header;
mod invitations;
mod members;
mod mention_offer;
mod server_draft;
mod subject_card;
mod typing_line;

pub(crate) use typing_line::{is_typing, typing_line_text};

use super::focus;
use super::form_failure::FormFailure;
use super::log::MessageLog;
use crate::client::{RoomPart, use_client};
use crate::components::BackLink;
use crate::effect::effect;
use crate::i18n::t;
use crate::routing::use_location;
use composer::Composer;
use details::Details;
use header::ConversationHeader;
use leptos::prelude::*;
use protocol::ConversationId;
use subject_card::{ClosedNote, SubjectCard};
use typing_line::TypingLine;

/// A conversation, kept live while it is on screen.
#[component]
pub(super) fn Conversation(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let location = use_location();
    let is_there = Memo::new(move |_| client.room(id, RoomPart::Summary, |_| ()).is_some());
    effect(move || {
        client.open(id);
        // Opening is reading, also where all messages are read.
        if client.peek(|state| state.rooms.get(&id).is_some_and(|room| room.summary.marked_unread)) {
            client.unmark(id);
        }
        on_cleanup(move || client.close(id));
    });
    let is_here = move || location.route.get().conversation() == Some(id);
    let with_details = Memo::new(move |_| is_here() && *location.search.read() == *details::QUERY);
    // The focus goes into the details, and back to the name that opened them, unless the reader types.
    Effect::new(move |before: Option<bool>| {
        let shown = with_details.get();
        if before.is_some_and(|before| before != shown)
            && location.route.get_untracked().conversation() == Some(id)
            && (shown || !focus::is_in_text_field())
        {
            focus::focus_when_there(if shown { ".details-close" } else { ".head h1 a" });
        }
        shown
    });
    let closed = Memo::new(move |_| {
        client.room(id, RoomPart::Summary, |room| room.summary.closed().map(str::to_owned)).flatten()
    });
    let is_open = Memo::new(move |_| closed.read().is_none());
    let reason = Signal::derive(move || closed.get().unwrap_or_default());
    let sent = RwSignal::new(0_u32);
    let notice = RwSignal::new(None);
    view! {
        <Show when=move || is_there.get() fallback=|| view! { <ConversationNotFound /> }>
            <div class="room">
                <div class="talk">
                    <ConversationHeader id notice />
                    <SubjectCard id />
                    // In the details, where they are shown: they have forms, too.
                    {(!with_details.get_untracked()).then(|| view! { <FormFailure /> })}
                    <MessageLog id sent notice />
                    <TypingLine id />
                    <Show when=move || is_open.get() fallback=move || view! { <ClosedNote reason /> }>
                        <Composer id sent />
                    </Show>
                </div>
                <Show when=move || with_details.get()>
                    <Details id />
                </Show>
            </div>
        </Show>
    }
}

/// In place of a conversation that does not exist for this person.
#[component]
fn ConversationNotFound() -> impl IntoView {
    view! {
        <header class="head">
            <BackLink />
        </header>
        <div class="blank">
            <h1 tabindex="-1">{t!("conversation.not_here")}</h1>
            <p>{t!("conversation.not_here_why")}</p>
            <p>
                <a class="button" href="/">
                    {t!("conversation.to_list")}
                </a>
            </p>
        </div>
    }
}
