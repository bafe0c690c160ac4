//! Embedded pages: what differs where the page is in a frame of another page.

use crate::client::{Client, RoomPart};
use crate::effect::effect;
use crate::routing::{EMBEDDED_CONVERSATION, EMBEDDED_LIST, Location};
use leptos::prelude::*;

/// The kind of embedded page for style sheets: `list`, or `one` conversation.
pub(super) fn view_name(location: Location) -> Option<&'static str> {
    match location.base {
        EMBEDDED_LIST => Some("list"),
        EMBEDDED_CONVERSATION => Some("one"),
        _ => None,
    }
}

/// Keeps the number of unread messages in `data-unread` of the document, from where a script of the page tells the page around
/// it: those of the list, or of the one conversation.
pub(super) fn show_unread(client: Client, location: Location) {
    let unread = Memo::new(move |_| match location.route.get().conversation() {
        Some(id) if location.base == EMBEDDED_CONVERSATION => {
            client.room(id, RoomPart::Summary, |room| room.summary.unread).unwrap_or_default()
        }
        _ => {
            for id in client.list(|state| state.rooms.keys().copied().collect::<Vec<_>>()) {
                client.track_room(id, RoomPart::Summary);
                client.track_room(id, RoomPart::Own);
            }
            client.peek(protocol::reducer::State::unread)
        }
    });
    effect(move || {
        if let Some(html) = document().document_element() {
            let _ = html.set_attribute("data-unread", &unread.get().to_string());
        }
    });
}
