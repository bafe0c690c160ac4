//! The live link on the server: there is none. Pages are rendered with what they came with.

use crate::client::Client;
use crate::routing::Asked;
use leptos::prelude::*;
use protocol::reducer::Need;
use protocol::{ClientFrame, ConversationId, Timestamp, UserId};

pub(crate) fn begin(_client: Client) {}

pub(crate) fn ask(_needs: Vec<Need>) {}

pub(crate) fn tell(_frame: ClientFrame) {}

pub(crate) fn mention(_frame: ClientFrame) {}

pub(crate) fn pump() {}

pub(crate) fn draft(_me: UserId, _id: ConversationId) -> Option<String> {
    None
}

pub(crate) fn keep_draft(_me: UserId, _id: ConversationId, _text: &str) {}

/// What was asked for: the server has put it into the context of the page.
pub(crate) fn asked() -> Asked {
    use_context().unwrap_or_default()
}

pub(crate) fn is_at(_href: &str) {}

pub(crate) fn follow(_path: RwSignal<String>) {}

pub(crate) fn help_to_find(_sheet: &web_sys::HtmlElement) {}

pub(crate) fn copy(_path: &str) -> bool {
    false
}

pub(crate) fn follow_draft(
    _me: UserId,
    _id: ConversationId,
    _then: impl Fn(Option<String>, String) + Clone + 'static,
) {
}

pub(crate) fn fits_by_itself() -> bool {
    true
}

pub(crate) fn now_ms() -> u64 {
    0
}

pub(crate) fn offset_at(_at: Timestamp) -> i32 {
    0
}

pub(crate) fn hold_place(_list: &str, _row: &str) {}

pub(crate) fn enter(_path: &str) {}

pub(crate) fn leave(_path: &str) -> bool {
    false
}

pub(crate) fn copy_text(_text: &str) -> bool {
    false
}

pub(crate) fn may_copy() -> bool {
    false
}

pub(crate) async fn part(_path: &str, _id: &str) -> Option<String> {
    None
}
