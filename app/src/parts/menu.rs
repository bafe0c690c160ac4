//! What can be done with a message: one menu for the whole log, filled when it is opened.

use super::message_row::{link_to, progress_word};
use crate::client::Client;
use crate::live;
use crate::rows::Entry;
use crate::words::t;
use leptos::prelude::*;
use protocol::{ConversationId, ConversationKind, DeleteFor};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The id of the menu, for the buttons that open it.
pub(super) const MENU: &str = "message-menu";

/// The menu of one message. `chosen`: the row that it is open for.
#[component]
pub(super) fn Menu(
    id: ConversationId,
    chosen: RwSignal<Option<Entry>>,
    /// Something to say about what was done.
    note: RwSignal<Option<String>>,
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
                note.set(Some(t!("message.link_copied")));
            }
            Some("me") => client.delete(id, message.id, DeleteFor::Me),
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
            {own.then(|| entry.seq()).flatten().map(|seq| reached(client, id, seq))}
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

/// In a group: who has read it, and who has it.
fn reached(client: Client, id: ConversationId, seq: i64) -> impl IntoView {
    let (mut read, mut delivered) = (Vec::new(), Vec::new());
    client.peek(|state| {
        let room = state.rooms.get(&id).filter(|room| room.summary.kind == ConversationKind::Group);
        for member in room.iter().flat_map(|room| &room.summary.members) {
            // Who came later was not written to.
            let concerns = !member.left && member.joined_seq < seq && member.user.id != client.me();
            match (concerns, member.read_seq >= seq, member.delivered_seq >= seq) {
                (true, true, _) => read.push(member.user.display_name()),
                (true, false, true) => delivered.push(member.user.display_name()),
                _ => {}
            }
        }
    });
    let read = (!read.is_empty()).then(|| t!("message.read_by", names = read.join(", ")));
    let delivered = (!delivered.is_empty()).then(|| t!("message.delivered_to", names = delivered.join(", ")));
    [read, delivered].into_iter().flatten().map(|words| view! { <p class="quiet">{words}</p> }).collect_view()
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
