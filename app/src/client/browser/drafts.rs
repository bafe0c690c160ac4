//! What was typed in a conversation and not sent: kept as it is typed, the same in all tabs.

use super::storage;
use crate::client::draft_key;
use leptos::prelude::*;
use protocol::{ConversationId, UserId};
use wasm_bindgen::JsCast;
use web_sys::StorageEvent;

/// What was typed here and not sent.
pub(crate) fn draft(me: UserId, id: ConversationId) -> Option<String> {
    storage::get(&draft_key(me, id))
}

/// Keeps what is typed.
pub(crate) fn keep_draft(me: UserId, id: ConversationId, text: &str) {
    storage::keep(&draft_key(me, id), (!text.is_empty()).then_some(text));
}

/// Tells what became of the draft elsewhere: what it was before (nobody knows, when the page was away), and what it is
/// now (nothing: sent, or deleted). Until the owner is cleaned up.
pub(crate) fn follow_draft(
    me: UserId,
    id: ConversationId,
    then: impl Fn(Option<String>, String) + Clone + 'static,
) {
    let key = draft_key(me, id);
    let elsewhere = then.clone();
    let stored = window_event_listener_untyped("storage", move |event| {
        if let Some(event) = event.dyn_ref::<StorageEvent>()
            && event.key().as_deref() == Some(&key)
        {
            elsewhere(Some(event.old_value().unwrap_or_default()), event.new_value().unwrap_or_default());
        }
    });
    let shown = window_event_listener_untyped("pageshow", move |event| {
        if super::browser_events::was_kept(&event) && storage::keeps(&draft_key(me, id)) {
            then(None, draft(me, id).unwrap_or_default());
        }
    });
    on_cleanup(move || {
        stored.remove();
        shown.remove();
    });
}
