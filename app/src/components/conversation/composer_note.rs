//! The note over the composer: the length of a text that is nearly too long, and why nothing can be sent.

use crate::client::{RoomPart, use_client};
use crate::components::presence::is_suspended;
use crate::components::view_fn::view_fn;
use crate::i18n::{plural, t};
use leptos::prelude::*;
use protocol::limits::MAX_CONTENT;
use protocol::{ConversationId, measure};

/// Length from which the counter is shown, in characters.
const NEARLY: usize = MAX_CONTENT - 500;

/// The length of a text in characters, where the counter shows it.
pub(super) fn counted(text: &str) -> Option<usize> {
    Some(measure(text)).filter(|length| *length >= NEARLY)
}

/// The note. `length` is that of the text, from [`counted`].
#[component]
pub(super) fn ComposerNote(id: ConversationId, length: RwSignal<Option<usize>>) -> impl IntoView {
    let client = use_client();
    let suspended = Memo::new(move |_| {
        client
            .room(id, RoomPart::Summary, |room| is_suspended(&room.summary, client.me()))
            .unwrap_or_default()
    });
    view! {
        <p class="note" id="composer-note" role="status">
            {view_fn(move || if suspended.get() { Some(suspended_note()) } else { length.get().map(length_note) })}
        </p>
    }
    .into_any()
}

/// Note that the other person of a direct conversation receives nothing.
fn suspended_note() -> AnyView {
    view! { <span class="counter is-over">{t!("composer.suspended")}</span> }.into_any()
}

/// Length of the text when it is nearly too long, and the excess when it is too long.
fn length_note(length: usize) -> AnyView {
    match u32::try_from(length.saturating_sub(MAX_CONTENT)).unwrap_or(u32::MAX) {
        0 => {
            let words = t!("composer.count", n = length, most = MAX_CONTENT);
            // A screen reader would speak each number.
            view! {
                <span class="counter" aria-hidden="true">
                    {words}
                </span>
            }
            .into_any()
        }
        over => {
            view! { <span class="counter is-over">{plural!("composer.too_long", over)}</span> }.into_any()
        }
    }
}
