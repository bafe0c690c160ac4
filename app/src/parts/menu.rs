//! What can be done with a message: one menu for the whole log, filled when it is opened.

use super::message_row::{link_to, progress_word};
use super::note::Note;
use super::receipts::{self, receipts_of};
use crate::client::Client;
use crate::live;
use crate::rows::Entry;
use crate::words::t;
use leptos::prelude::*;
use protocol::{ConversationId, DeleteFor};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The id of the menu, for the buttons that open it.
pub(super) const MENU: &str = "message-menu";

/// The menu of one message. `chosen`: the row that it is open for.
#[component]
pub(super) fn Menu(
    id: ConversationId,
    /// Between two people: who has the other's messages is no question.
    direct: bool,
    chosen: RwSignal<Option<Entry>>,
    /// Something to say about what was done.
    note: RwSignal<Option<Note>>,
) -> impl IntoView {
    let client: Client = crate::client::use_client();
    let act = move |event: web_sys::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let what = target.and_then(|target| target.closest("[data-do]").ok().flatten());
        let what = what.and_then(|what| what.get_attribute("data-do"));
        let Some(entry) = chosen.get_untracked() else { return };
        let Some(message) = entry.message() else { return };
        match what.as_deref() {
            Some("link") if live::copy(&link_to(id, message.seq)) => {
                note.set(Some(Note::Words(t!("message.link_copied"))));
            }
            Some("text") if live::copy_text(&message.content) => {
                note.set(Some(Note::Words(t!("message.text_copied"))));
            }
            Some("receipts") => receipts::show(receipts_of(id, message.seq), note),
            Some("me") => {
                client.delete(id, message.id, DeleteFor::Me);
                note.set(Some(Note::Hidden(message.id, message.seq)));
            }
            Some("everyone") => client.delete(id, message.id, DeleteFor::Everyone),
            _ => {}
        }
    };
    let item = |what: &'static str, words: String| {
        view! {
            <button r#type="button" popovertarget=MENU popovertargetaction="hide" data-do=what>
                {words}
            </button>
        }
    };
    let items = move |entry: Entry| {
        let own = entry.key.0 == client.me();
        let when = entry.message().map(|message| client.zone.get_untracked().full(message.timestamp));
        let said =
            [when, progress_word(entry.progress)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        view! {
            <p class="quiet">{said}</p>
            {(own || !direct).then(|| item("receipts", t!("message.receipts")))}
            {live::may_copy().then(|| item("text", t!("message.copy_text")))}
            {item("link", t!("message.copy_link"))}
            {item("me", t!("message.delete_for_me"))}
            {own.then(|| item("everyone", t!("message.delete_for_everyone")))}
        }
        .into_any()
    };
    view! {
        <div id=MENU class="menu-list" popover="auto" on:click=act on:toggle=|_| begin()>
            {move || chosen.get().map(items)}
        </div>
    }
}

/// The keyboard begins at the first thing to do; closing the menu brings it back by itself.
fn begin() {
    let first = document().query_selector(&format!("#{MENU}:popover-open button")).ok().flatten();
    first.iter().for_each(super::keys::focus);
}

/// Puts the menu beside the button that opens it, where there is room.
pub(super) fn place(button: &Element) {
    let Some(menu) = document().get_element_by_id(MENU).and_then(|menu| menu.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
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
