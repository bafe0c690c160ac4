//! Notices over the log that pass after some seconds. The style sheet counts the seconds, and pauses while somebody
//! points at one or has the focus in it.

use crate::client::{RoomPart, copy_text, use_client};
use crate::components::focus;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ConversationId, MessageId};

/// A notice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Notice {
    /// A sentence.
    Words(String),
    /// The message of this id and `seq` was deleted for oneself, which can be undone.
    Deleted(MessageId, i64),
}

/// The live region of the notice: it is there before it says anything, so that it is spoken.
#[component]
pub(super) fn NoticeLine(id: ConversationId, notice: RwSignal<Option<Notice>>) -> impl IntoView {
    let client = use_client();
    let shown = Memo::new(move |_| match notice.get()? {
        Notice::Words(words) => Some((words, None)),
        Notice::Deleted(message, seq) => {
            // The deletion may wait for the network; the notice appears after it.
            let is_shown = client.room(id, RoomPart::Rows, |room| {
                let timeline = room.timeline.as_ref();
                timeline.is_some_and(|timeline| timeline.shown().messages.contains_key(&seq))
            });
            (is_shown == Some(false)).then(|| (t!("message.hidden"), Some(message)))
        }
    });
    let dismiss = move || {
        if document().query_selector(".log-note :focus").ok().flatten().is_some() {
            focus::focus_when_there(".log");
        }
        notice.set(None);
    };
    let contents = move || {
        let (words, deleted) = shown.get()?;
        let undo = deleted.map(|message| {
            let restore = move |_| {
                client.restore(id, message);
                dismiss();
            };
            view! {
                <button type="button" on:click=handler(restore)>
                    {t!("message.undo")}
                </button>
            }
        });
        Some(view! { <p>{words} {undo}</p> })
    };
    view! {
        <div class="log-note" role="status" on:animationend=move |_| dismiss()>
            {view_fn(contents)}
        </div>
    }
}

/// Copies a text and says whether that worked; `done` are the words for success.
pub(crate) fn copy(text: String, done: String, notice: RwSignal<Option<Notice>>) {
    spawn_local(async move {
        let words = if copy_text(&text).await { done } else { t!("dialog.copy_failed") };
        let _ = notice.try_set(Some(Notice::Words(words)));
    });
}
