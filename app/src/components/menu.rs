//! What can be done with a message: one menu for the whole log, filled when it is opened.

use super::message_row::{link_to, progress_word};
use super::note::Note;
use super::receipts::{self, receipts_of};
use crate::client as live;
use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup};
use crate::rows::Entry;
use crate::wires::find;
use leptos::prelude::*;
use protocol::{ConversationId, DeleteFor};
use web_sys::Element;

/// The id of the menu, for the buttons that open it.
pub(super) const MENU: &str = "message-menu";

/// The menu of one message: the row that it is open for. `direct`: between two people.
pub(super) fn menu(client: Client, direct: bool, chosen: Option<&Entry>) -> Markup {
    let items = chosen.map(|entry| items(client, direct, entry));
    markup!("<div id='~' class='menu-list' popover='auto'>~</div>", MENU, items)
}

fn items(client: Client, direct: bool, entry: &Entry) -> Markup {
    let own = entry.key.0 == client.me();
    let when = entry.message().map(|message| client.zone.get_untracked().full(message.timestamp));
    let said = [when, progress_word(entry.progress)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let item = |what: &str, words: String| {
        markup!(
            "<button type='button' popovertarget='~' popovertargetaction='hide' data-do='~'>~</button>",
            MENU,
            what,
            words
        )
    };
    markup!(
        "<p class='quiet'>~</p>~~~~~",
        said,
        // Between two people, who has the other's messages is no question.
        (own || !direct).then(|| item("receipts", t!("message.receipts"))),
        live::may_copy().then(|| item("text", t!("message.copy_text"))),
        item("link", t!("message.copy_link")),
        item("me", t!("message.delete_for_me")),
        own.then(|| item("everyone", t!("message.delete_for_everyone")))
    )
}

/// Does what was asked for, and notes what there is to say about it.
pub(super) fn act(
    client: Client,
    id: ConversationId,
    entry: Option<&Entry>,
    what: &str,
    note: RwSignal<Option<Note>>,
) {
    let Some(message) = entry.and_then(Entry::message) else { return };
    match what {
        "link" if live::copy(&link_to(id, message.seq)) => {
            note.set(Some(Note::Words(t!("message.link_copied"))));
        }
        "text" if live::copy_text(&message.content) => {
            note.set(Some(Note::Words(t!("message.text_copied"))));
        }
        "receipts" => receipts::show(receipts_of(id, message.seq), note),
        "me" => {
            client.delete(id, message.id, DeleteFor::Me);
            note.set(Some(Note::Hidden(message.id, message.seq)));
        }
        "everyone" => client.delete(id, message.id, DeleteFor::Everyone),
        _ => {}
    }
}

/// The keyboard begins at the first thing to do, once the menu is open; closing it brings the keyboard back by itself.
pub(super) fn begin() {
    request_animation_frame(|| {
        find(&format!("#{MENU}:popover-open button")).as_deref().into_iter().for_each(super::keys::focus);
    });
}

/// Puts the menu beside the button that opens it, where there is room.
pub(super) fn place(button: &Element) {
    let Some(menu) = find(&format!("#{MENU}")) else { return };
    let at = button.get_bounding_client_rect();
    let size =
        |of: Result<wasm_bindgen::JsValue, _>| of.ok().and_then(|size| size.as_f64()).unwrap_or_default();
    let (wide, high) = (size(window().inner_width()), size(window().inner_height()));
    let style = menu.style();
    let set = |name: &str, px: f64| {
        let _ = style.set_property(name, &format!("{}px", px as i32));
    };
    set("--x", at.left().min(wide - 220.0).max(8.0));
    if at.bottom() > high * 0.6 {
        set("--below", high - at.top());
        let _ = style.set_property("--y", "auto");
    } else {
        set("--y", at.bottom());
        let _ = style.set_property("--below", "auto");
    }
}
