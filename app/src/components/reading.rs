//! Read means seen: what is marked as read was on screen, in a visible and focused tab.

use crate::client::Client;
use leptos::prelude::*;
use protocol::{ConversationId, MessageId};

/// Whether somebody looks at this page.
pub(super) fn watched() -> bool {
    let document = document();
    !document.hidden() && document.has_focus().unwrap_or(false)
}

/// The newest message of somebody else that is on screen and not marked yet. `told`: the last place marked.
pub(super) fn to_mark(
    client: Client,
    id: ConversationId,
    visible: i64,
    told: i64,
) -> Option<(MessageId, i64)> {
    let me = client.me();
    client.peek(|state| {
        let room = state.rooms.get(&id)?;
        let known = room.summary.read_seq.max(told);
        if visible <= known {
            return None;
        }
        let new = |seq: i64| seq > known && seq <= visible;
        let mut messages = room.timeline.as_ref()?.messages().rev();
        let message = messages.find(|message| new(message.seq) && message.sender.id != me)?;
        Some((message.id, message.seq))
    })
}
