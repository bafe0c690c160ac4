//! The menu of a message: one for the whole log, filled when it is opened.

use super::controller::Log;
use super::layout::Entry;
use super::notice::{Notice, copy};
use crate::client::can_copy;
use crate::components::address::permalink;
use crate::components::dialog::DeleteRequest;
use crate::components::focus::focus_in_place;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use leptos::html;
use leptos::prelude::*;
use protocol::{DeleteFor, Message};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Id of the menu, for the buttons that open it.
pub(super) const ID: &str = "message-menu";

/// The menu of the row that was chosen.
#[component]
pub(super) fn MessageMenu(log: Log, delete: DeleteRequest) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let toggled = move |_| {
        let Some(menu) = node.get_untracked() else { return };
        if menu.matches(":popover-open").unwrap_or(false) {
            let first = menu.query_selector("button").ok().flatten();
            first.and_then(|first| first.dyn_into::<HtmlElement>().ok()).iter().for_each(focus_in_place);
        } else if let Some(entry) = log.chosen.get_untracked()
            && !super::has_open_dialog()
        {
            log.focus_row(&entry);
        }
    };
    let items = move || {
        let entry = log.chosen.get()?;
        let message = entry.shared_message()?;
        Some(view! { <Items log entry message delete /> })
    };
    view! {
        <div id=ID class="menu-list" popover="auto" node_ref=node on:toggle=toggled>
            {view_fn(items)}
        </div>
    }
}

#[component]
fn Items(log: Log, entry: Entry, message: Arc<Message>, delete: DeleteRequest) -> impl IntoView {
    let Log { client, id, direct, notice, .. } = log;
    let own = entry.key.0 == client.me();
    let when = Some(client.zone.get_untracked().full(message.timestamp));
    let about = [when, entry.progress.word()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let (message_id, seq) = (message.id, message.seq);
    let (text, receipts_of) = (message.content.clone(), message.clone());
    let copy_link = move || {
        let href = permalink(id, seq);
        let location = window().location();
        if can_copy() {
            copy(location.origin().unwrap_or_default() + &href, t!("message.link_copied"), notice);
        } else {
            // The reader can copy the link from the address bar.
            let _ = location.set_href(&href);
        }
    };
    let delete_for_me = move || {
        client.delete(id, message_id, DeleteFor::Me);
        notice.set(Some(Notice::Deleted(message_id, seq)));
    };
    // In a direct conversation the reader's own devices have the other person's messages.
    let receipts = (own || !direct)
        .then(|| view! { <MenuItem words=t!("message.receipts") run=move || log.show_receipts(receipts_of.clone()) /> });
    let copy_text = can_copy().then(|| {
        let run = move || copy(text.clone(), t!("message.text_copied"), notice);
        view! { <MenuItem words=t!("message.copy_text") run /> }
    });
    let delete_for_everyone = own.then(|| {
        view! {
            <hr />
            <MenuItem words=t!("message.delete_for_everyone") danger=true run=move || delete.ask(message_id) />
        }
    });
    view! {
        <p class="quiet">{about}</p>
        {receipts}
        {copy_text}
        <MenuItem words=t!("message.copy_link") run=copy_link />
        <MenuItem words=t!("message.delete_for_me") run=delete_for_me />
        {delete_for_everyone}
    }
    .into_any()
}

#[component]
fn MenuItem(words: String, #[prop(optional)] danger: bool, #[prop(into)] run: Callback<()>) -> impl IntoView {
    view! {
        <button
            class:danger=danger
            type="button"
            popovertarget=ID
            popovertargetaction="hide"
            on:click=handler(move |_| run.run(()))
        >
            {words}
        </button>
    }
    .into_any()
}
