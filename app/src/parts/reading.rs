//! Read means seen: what is marked as read was on screen, in a visible and focused tab.

use crate::client::Client;
use leptos::prelude::*;
use protocol::reducer::Row;
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
        let known = state.rooms.get(&id)?.summary.read_seq.max(told);
        if visible <= known {
            return None;
        }
        let rows = state.rows(id);
        rows.iter().rev().find_map(|row| match row {
            Row::Message(message)
                if message.seq > known && message.seq <= visible && message.sender.id != me =>
            {
                Some((message.id, message.seq))
            }
            _ => None,
        })
    })
}
