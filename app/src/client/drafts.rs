//! Drafts: text typed in a conversation and not sent. Kept as it is typed, the same in all tabs of the browser. Beside each
//! stands the text that the server has of it, so that a draft that was saved gives way to a newer one of another device.

use super::storage;
use super::visibility::is_from_cache;
use leptos::ev;
use leptos::prelude::*;
use protocol::{ConversationId, UserId};

/// Key of a draft in local storage. The page's early script knows it from the composer (`data-draft`).
pub(crate) fn draft_key(me: UserId, id: ConversationId) -> String {
    format!("rapport.draft.{me}.{id}")
}

/// Key of the text that the server has of a draft.
fn saved_key(me: UserId, id: ConversationId) -> String {
    format!("rapport.saved.{me}.{id}")
}

/// The draft of one person in one conversation.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    me: UserId,
    id: ConversationId,
}

impl Draft {
    pub(crate) fn new(me: UserId, id: ConversationId) -> Self {
        Self { me, id }
    }

    /// The stored text; empty where there is none.
    pub(crate) fn load(self) -> String {
        storage::get(&draft_key(self.me, self.id)).unwrap_or_default()
    }

    /// Stores the text; an empty one removes the draft.
    pub(crate) fn store(self, text: &str) {
        storage::set(&draft_key(self.me, self.id), (!text.is_empty()).then_some(text));
    }

    /// Stores a text that is the server's.
    pub(crate) fn store_saved(self, text: &str) {
        self.store(text);
        self.set_saved(text);
    }

    /// Notes the text that the server has; an empty one for none.
    pub(crate) fn set_saved(self, text: &str) {
        storage::set(&saved_key(self.me, self.id), (!text.is_empty()).then_some(text));
    }

    /// The server has this draft of the person. It is the one of this browser, unless another one was typed meanwhile or elsewhere.
    pub(super) fn confirm(self, text: &str) {
        if self.load() == text && !self.is_saved(text) {
            self.set_saved(text);
        }
    }

    /// Whether this is the text that the server last had from this browser, or for it.
    pub(crate) fn is_saved(self, text: &str) -> bool {
        storage::get(&saved_key(self.me, self.id)).unwrap_or_default() == text
    }

    /// Calls back when another tab changed the draft (with its text before and now), or when the page comes back from
    /// the browser's cache (`None` before). Until the owner is cleaned up.
    pub(crate) fn on_change_elsewhere(self, changed: impl Fn(Option<String>, String) + Clone + 'static) {
        let key = draft_key(self.me, self.id);
        let in_other_tab = changed.clone();
        let stored = window_event_listener(ev::storage, move |event| {
            if event.key().as_deref() == Some(&key) {
                let before = event.old_value().unwrap_or_default();
                in_other_tab(Some(before), event.new_value().unwrap_or_default());
            }
        });
        let shown = window_event_listener_untyped("pageshow", move |event| {
            if is_from_cache(&event) && storage::is_stored(&draft_key(self.me, self.id)) {
                changed(None, self.load());
            }
        });
        on_cleanup(move || {
            stored.remove();
            shown.remove();
        });
    }
}
