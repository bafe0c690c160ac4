//! What the log has to say for some seconds: over it, and for those who listen. The style sheet counts the seconds, and
//! not while somebody points at it or is there by keyboard.

use super::focus;
use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup, part};
use crate::wires::{asked, effect, find, hear_at};
use leptos::prelude::*;
use protocol::{ConversationId, MessageId};

/// Something to say.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Note {
    Words(String),
    /// The message of this id and place was deleted for oneself, which can be taken back.
    Hidden(MessageId, i64),
}

/// The line. It is there before it has anything to say, so that it is heard.
pub(super) fn note_line(client: Client, id: ConversationId, note: RwSignal<Option<Note>>) -> Markup {
    let line = part("log-note", move || {
        markup!(
            "<div class='log-note' role='status'>~</div>",
            note.get().and_then(|note| said(client, id, note))
        )
    });
    let over = move || {
        if find(".log-note :focus").is_some() {
            focus::go(".log");
        }
        note.set(None);
    };
    effect(move || {
        hear_at(".log-note", "animationend", move |_| over());
        hear_at(".log-note", "click", move |event| {
            if asked(&event) == "undo"
                && let Some(Note::Hidden(message, _)) = note.get_untracked()
            {
                client.restore(id, message);
                over();
            }
        });
    });
    line
}

fn said(client: Client, id: ConversationId, note: Note) -> Option<Markup> {
    match note {
        Note::Words(words) => Some(markup!("<p>~</p>", words)),
        Note::Hidden(_, seq) => {
            // It may have to wait for the network: nothing is said of it before it is done.
            let shown = client.room(id, |room| {
                let timeline = room.timeline.as_ref();
                timeline.is_some_and(|timeline| timeline.shown().messages.contains_key(&seq))
            });
            (shown == Some(false)).then(|| {
                let (hidden, undo) = (t!("message.hidden"), t!("message.undo"));
                markup!("<p>~<button type='button' data-do='undo'>~</button></p>", hidden, undo)
            })
        }
    }
}
