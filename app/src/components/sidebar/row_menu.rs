//! The menu of a row of the list: one for the whole list, filled when it is opened.

use crate::client::{RoomPart, use_client};
use crate::components::dialog;
use crate::components::focus::{focus_in_place, focus_when_there};
use crate::components::membership_actions::PersonalActions;
use crate::components::popover::place_beside;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use leptos::html;
use leptos::prelude::*;
use protocol::ConversationId;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Id of the menu, for the buttons that open it.
const ID: &str = "row-menu";

/// The conversation whose menu is open, or was last.
#[derive(Clone, Copy)]
pub(super) struct Chosen(pub(super) RwSignal<Option<ConversationId>>);

/// The menu of the row that was chosen.
#[component]
pub(super) fn RowMenu() -> impl IntoView {
    let client = use_client();
    let Chosen(chosen) = expect_context();
    let node = NodeRef::<html::Div>::new();
    let toggled = move |_| {
        let Some(menu) = node.get_untracked() else { return };
        if menu.matches(":popover-open").unwrap_or(false) {
            let first = menu.query_selector("summary, button").ok().flatten();
            first.and_then(|first| first.dyn_into::<HtmlElement>().ok()).iter().for_each(focus_in_place);
            return;
        }
        // The row may move, and is another element then; its button is hidden without the focus. Until the next frame the
        // focus may still be in the closed menu.
        let active = document().active_element();
        let is_free =
            active.is_none_or(|active| active.matches("body, .row-menu, .row-menu-list *").unwrap_or(false));
        if let Some(id) = chosen.get_untracked().filter(|_| is_free) {
            focus_when_there(&format!(".item[href='/c/{id}']"));
        }
    };
    let items = move || {
        let id = chosen.get()?;
        let name = client.room(id, RoomPart::Summary, |room| client.name_of_conversation(&room.summary));
        let items = view! {
            <p class="quiet one-line" dir="auto">
                <bdi>{name}</bdi>
            </p>
            <PersonalActions id done=move |()| dialog::hide(ID) />
        };
        Some(items)
    };
    view! {
        <div id=ID class="menu-list row-menu-list" popover="auto" node_ref=node on:toggle=toggled>
            {view_fn(items)}
        </div>
    }
    .into_any()
}

/// Opens the menu of a row.
#[component]
pub(super) fn RowMenuButton(id: ConversationId, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let Chosen(chosen) = expect_context();
    let open = move |event: web_sys::MouseEvent| {
        chosen.set(Some(id));
        place_beside(ID, &event_target(&event));
    };
    view! {
        <button
            class="row-menu with-script"
            type="button"
            popovertarget=ID
            aria-label=Signal::derive(move || t!("own.menu", name = name.get()))
            on:click=handler(open)
        >
            "⋯"
        </button>
    }
    .into_any()
}

/// Opens the menu by the keys of a context menu on the row.
pub(super) fn open_by_key(event: &web_sys::KeyboardEvent) {
    let asks = event.key() == "ContextMenu" || event.shift_key() && event.key() == "F10";
    let row = event.current_target().and_then(|row| row.dyn_into::<HtmlElement>().ok()).filter(|_| asks);
    let button = row.and_then(|row| row.query_selector(".row-menu").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        button.click();
    }
}
