//! What the log has to say for some seconds: over it, and for those who listen. The style sheet counts the seconds, and
//! not while somebody points at it or is there by keyboard.

use super::focus;
use crate::client::use_client;
use crate::words::t;
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
#[component]
pub(super) fn NoteLine(id: ConversationId, note: RwSignal<Option<Note>>) -> impl IntoView {
    let client = use_client();
    let said = Memo::new(move |_| match note.get()? {
        Note::Words(words) => Some((words, None)),
        Note::Hidden(message, seq) => {
            // It may have to wait for the network: nothing is said of it before it is done.
            let shown = client.room(id, |room| {
                let timeline = room.timeline.as_ref();
                timeline.is_some_and(|timeline| timeline.shown().messages.contains_key(&seq))
            });
            (shown == Some(false)).then(|| (t!("message.hidden"), Some(message)))
        }
    });
    let over = move || {
        if document().query_selector(".log-note :focus").ok().flatten().is_some() {
            focus::go(".log");
        }
        note.set(None);
    };
    view! {
        <div class="log-note" role="status" on:animationend=move |_| over()>
            {move || {
                said.get().map(|(words, hidden)| {
                    let undo = hidden.map(|message| {
                        view! {
                            <button
                                r#type="button"
                                on:click=move |_| {
                                    client.restore(id, message);
                                    over();
                                }
                            >
                                {t!("message.undo")}
                            </button>
                        }
                    });
                    view! { <p>{words} {undo}</p> }
                })
            }}
        </div>
    }
}
