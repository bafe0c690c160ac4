//! Who has a message: the server's page of it, in a dialog over the conversation.

use super::dialog;
use super::note::Note;
use crate::client as live;
use crate::i18n::t;
use crate::markup::{Markup, markup};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::ConversationId;

const RECEIPTS: &str = "receipts";

/// Where the page is, which works without a script as well.
pub(super) fn receipts_of(id: ConversationId, seq: i64) -> String {
    format!("/c/{id}/receipts/{seq}")
}

/// The dialog, until it is asked for.
pub(super) fn dialog() -> Markup {
    let label = t!("message.receipts");
    markup!("<dialog class='dialog receipts' id='~' closedby='any' aria-label='~'></dialog>", RECEIPTS, label)
}

/// Opens it, and fetches what stands in it.
pub(super) fn show(path: String, note: RwSignal<Option<Note>>) {
    let Some(place) = document().get_element_by_id(RECEIPTS) else { return };
    place.set_inner_html("");
    dialog::show(RECEIPTS);
    spawn_local(async move {
        if let Some(html) = live::part(&path, RECEIPTS).await {
            place.set_inner_html(&html);
        } else {
            dialog::close(RECEIPTS);
            let _ = note.try_set(Some(Note::Words(t!("message.no_receipts"))));
        }
    });
}
