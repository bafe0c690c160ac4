//! Read tracking: a message is marked as read once it was on screen in a visible and focused tab.

use crate::client::Client;
use leptos::prelude::*;
use protocol::{ConversationId, MessageId};

/// Whether the page is visible and focused.
pub(super) fn is_watched() -> bool {
    let document = document();
    !document.hidden() && document.has_focus().unwrap_or(false)
}

/// The newest message of somebody else that is on screen and not marked as read. `visible`: the last `seq` on screen;
/// `marked`: the last `seq` that was marked.
pub(super) fn to_mark(
    client: Client,
    id: ConversationId,
    visible: i64,
    marked: i64,
) -> Option<(MessageId, i64)> {
    let me = client.me();
    client.peek(|state| {
        let room = state.rooms.get(&id)?;
        let known = room.summary.read_seq.max(marked);
        if visible <= known {
            return None;
        }
        let new = |seq: i64| seq > known && seq <= visible;
        let mut messages = room.timeline.as_ref()?.messages().rev();
        let message = messages.find(|message| new(message.seq) && message.sender.id != me)?;
        Some((message.id, message.seq))
    })
}
