//! The draft on the server, which all devices of the person share: saved a second after the last key and when the composer is
//! left, shown by the other devices where their composer is empty and not in use.
//!
//! A draft that was typed on this device wins on this device, until it is on the server; then the server's newer one does. The
//! server removes a draft with the message that has its text, which this device need not wait for: text that was sent or
//! deleted here does not come back from the server.

use crate::client::{Client, ConnectionStatus, Draft, RoomPart};
use crate::effect::effect;
use leptos::prelude::*;
use protocol::limits::{DRAFT_AFTER_MS, MAX_CONTENT};
use protocol::reducer::State;
use protocol::{ConversationId, measure, normalise};
use std::time::Duration;

/// A text as a draft: empty where nothing is to be seen.
fn as_draft(text: &str) -> &str {
    if text.trim().is_empty() { "" } else { text }
}

/// Whether the server removes this draft with a message of this text.
fn goes_with(draft: &str, text: &str) -> bool {
    normalise(draft).is_ok_and(|draft| normalise(text).is_ok_and(|text| draft == text))
}

/// The server's draft of one conversation, as this composer knows it.
#[derive(Clone, Copy)]
pub(super) struct ServerDraft {
    client: Client,
    id: ConversationId,
    local: Draft,
    /// The draft of the server, as far as this tab knows.
    known: StoredValue<String>,
    /// Drafts that this tab has sent and the server has not confirmed, oldest first.
    sent: StoredValue<Vec<String>>,
    /// Number of inputs: a save waits until there is no further one.
    inputs: StoredValue<u32>,
}

/// Decision about a draft that came from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// This tab has sent it.
    Confirmed,
    /// The field takes it over.
    Shown,
    /// This device has a text of its own, or the person is using the field.
    Kept,
}

/// `text`: in the field. `known`: the server's draft before. `in_use`: the field has the focus.
fn arrival(text: &str, known: &str, now: &str, sent: &[String], in_use: bool, is_typing: bool) -> Arrival {
    if sent.iter().any(|sent| sent == now) {
        return Arrival::Confirmed;
    }
    let follows = text == known && !known.is_empty();
    match (as_draft(text).is_empty(), follows) {
        (true, _) if !in_use => Arrival::Shown,
        (_, true) if !(in_use && is_typing) => Arrival::Shown,
        _ => Arrival::Kept,
    }
}

impl ServerDraft {
    pub(super) fn new(client: Client, id: ConversationId, local: Draft) -> Self {
        let draft = Self {
            client,
            id,
            local,
            known: StoredValue::new(String::new()),
            sent: StoredValue::new(Vec::new()),
            inputs: StoredValue::new(0),
        };
        draft.known.set_value(draft.of_server());
        draft
    }

    /// The server's draft, as far as this client has heard.
    fn of_server(self) -> String {
        let draft = |state: &State| state.rooms.get(&self.id)?.summary.draft.clone();
        self.client.peek(draft).unwrap_or_default()
    }

    /// The text to begin with: that of this device, unless the server had it and has another one since.
    pub(super) fn begin(self) {
        let (local, known) = (self.local.load(), self.known.get_value());
        if !local.is_empty() && local != known && self.local.is_saved(&local) {
            self.local.store("");
        }
        if known.is_empty() && self.local.load().is_empty() {
            self.local.set_saved("");
        }
    }

    /// The text of the server, for a field that is empty; none if it was sent or deleted on this device, which the server has
    /// not heard of.
    pub(super) fn fill(self) -> Option<String> {
        let known = self.known.get_value();
        let is_gone = self.local.load().is_empty() && self.local.is_saved(&known);
        (!known.is_empty() && !is_gone).then(|| {
            self.local.store_saved(&known);
            known
        })
    }

    /// The text of the field was sent, and the field is empty. A draft of the same text goes with the message, also when
    /// that waits for a connection; one that is on its way may arrive after the message.
    pub(super) fn sent(self, text: &str) {
        let is_confirmed = self.sent.try_with_value(Vec::is_empty).unwrap_or(true);
        match self.known.try_get_value() {
            Some(known) if is_confirmed && goes_with(&known, text) => self.known.set_value(String::new()),
            _ => self.save(""),
        }
    }

    /// The person typed: saves the text a second after the last key. `text` gives it then.
    pub(super) fn typed(self, text: impl Fn() -> Option<String> + 'static) {
        let Some(input) = self.inputs.try_update_value(|inputs| {
            *inputs = inputs.wrapping_add(1);
            *inputs
        }) else {
            return;
        };
        let save = move || {
            if self.inputs.try_get_value() == Some(input)
                && let Some(text) = text()
            {
                self.save(&text);
            }
        };
        set_timeout(save, Duration::from_millis(DRAFT_AFTER_MS));
    }

    /// Saves a text that differs from the server's. One that is too long stays on this device.
    pub(super) fn save(self, text: &str) {
        let text = as_draft(text);
        let Some(known) = self.known.try_get_value() else { return };
        if text == known || measure(text) > MAX_CONTENT || !self.client.save_draft(self.id, text) {
            return;
        }
        self.known.set_value(text.to_owned());
        self.sent.update_value(|sent| sent.push(text.to_owned()));
    }

    /// The conversation is closed: saves what was typed and not saved yet.
    pub(super) fn leave(self) {
        let text = self.local.load();
        if !self.local.is_saved(&text) {
            self.save(&text);
        }
    }

    /// Follows the server's draft until the owner is cleaned up. `field` gives the text, whether the field has the focus, and
    /// whether the person is typing; `show` replaces the text.
    pub(super) fn follow(
        self,
        field: impl Fn() -> Option<(String, bool, bool)> + Clone + 'static,
        show: impl Fn(&str) + 'static,
    ) {
        let Self { client, id, .. } = self;
        let draft =
            Memo::new(move |_| client.room(id, RoomPart::Own, |room| room.summary.draft.clone()).flatten());
        let text = field.clone();
        effect(move || {
            let now = draft.get().unwrap_or_default();
            let Some((text, in_use, is_typing)) = text() else { return };
            let known = self.known.get_value();
            if as_draft(&text) == now {
                self.local.set_saved(&now);
            }
            if now == known {
                self.sent.update_value(Vec::clear);
                return;
            }
            match self.sent.with_value(|sent| arrival(&text, &known, &now, sent, in_use, is_typing)) {
                // An answer to an earlier text of this tab.
                Arrival::Confirmed => {}
                Arrival::Shown => {
                    self.known.set_value(now.clone());
                    self.local.store_saved(&now);
                    show(&now);
                }
                Arrival::Kept => {
                    self.known.set_value(now);
                    if as_draft(&text).is_empty() {
                        // Newer than what was sent or deleted here.
                        self.local.set_saved("");
                    }
                }
            }
        });
        // Saves a text that was typed or sent without a connection.
        effect(move || {
            let status = client.status.get();
            if matches!(status, ConnectionStatus::Connected | ConnectionStatus::Polling)
                && let Some((text, ..)) = field()
                && !self.local.is_saved(&text)
            {
                // One that was sent before the connection was lost may not have arrived.
                self.known.set_value(self.of_server());
                self.save(&text);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_a_draft_shows_where_nobody_has_typed() {
        let free = |text, known, now| arrival(text, known, now, &[], false, false);
        assert_eq!(free("", "", "from the phone"), Arrival::Shown);
        assert_eq!(free(" \n", "", "from the phone"), Arrival::Shown);
        assert_eq!(free("mine", "", "from the phone"), Arrival::Kept);
        assert_eq!(free("so far", "so far", "so far and on"), Arrival::Shown);
        assert_eq!(free("so far", "so far", ""), Arrival::Shown, "it was sent elsewhere");
        assert_eq!(free("so far and mine", "so far", ""), Arrival::Kept);
    }

    #[test]
    fn c5_a_draft_goes_with_the_message_of_its_text() {
        assert!(goes_with("hello", "hello") && goes_with(" hello\n", "hello"));
        assert!(goes_with("a\n  b", "a\r\n  b  "));
        for (draft, text) in [("hel", "hello"), ("", "hello"), ("", " "), ("Hello", "hello")] {
            assert!(!goes_with(draft, text), "{draft:?} {text:?}");
        }
    }

    #[test]
    fn c5_a_field_in_use_is_left_alone() {
        assert_eq!(arrival("", "", "new", &[], true, false), Arrival::Kept);
        assert_eq!(arrival("so far", "so far", "", &[], true, true), Arrival::Kept);
        assert_eq!(arrival("so far", "so far", "", &[], true, false), Arrival::Shown);
        let sent = ["hel".to_owned(), "hello".to_owned()];
        assert_eq!(arrival("", "hello", "hel", &sent, false, false), Arrival::Confirmed);
    }
}
