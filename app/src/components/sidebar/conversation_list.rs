//! The list of conversations, newest activity first.

use super::last_updated::LastUpdated;
use super::list_item::ListItem;
use crate::client::use_client;
use crate::components::focus::focus_in_place;
use crate::i18n::t;
use leptos::html;
use leptos::prelude::*;
use protocol::ConversationId;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The list. What it says while it is empty is shown by the style sheet.
#[component]
pub(super) fn ConversationList() -> impl IntoView {
    let client = use_client();
    let list = NodeRef::<html::Nav>::new();
    let order = Memo::new(move |_| {
        client.list(|state| state.list().iter().map(|conversation| conversation.id).collect::<Vec<_>>())
    });
    let shown = move || {
        let order: Vec<ConversationId> = order.get();
        // Rows are about to move: the reader's place and the focus stay.
        if let Some(list) = list.get_untracked() {
            keep_place(list.into());
        }
        order
    };
    view! {
        <nav class="list" aria-label=t!("list.label") node_ref=list>
            <ul>
                <For each=shown key=|id| *id let:id>
                    <ListItem id />
                </For>
            </ul>
            <div class="list-empty">
                <p>{t!("home.begin")}</p>
                <a class="button" href="/new">
                    {t!("home.find")}
                </a>
            </div>
            <LastUpdated />
        </nav>
    }
}

/// Puts the rows that the reader sees back where they stand now, before the next frame is painted; and the focus, which
/// a browser takes from an element that moves. A reader at the very top stays there, to see what is new.
fn keep_place(list: HtmlElement) {
    let Ok(rows) = list.query_selector_all(".item") else { return };
    let frame = list.get_bounding_client_rect();
    let top = |row: &Element| row.get_bounding_client_rect().top();
    let seen: Vec<(Element, f64)> = (0..rows.length())
        .filter_map(|at| rows.get(at)?.dyn_into::<Element>().ok())
        .map(|row| (top(&row), row))
        .filter(|(top, _)| *top >= frame.top() && *top < frame.bottom())
        .map(|(top, row)| (row, top))
        .collect();
    let focused = document().active_element().filter(|focused| focused.matches(".item").unwrap_or(false));
    let scrolled = list.scroll_top() > 0;
    request_animation_frame(move || {
        if scrolled {
            // At most one row goes elsewhere: of the first and the last one seen, the other tells the distance.
            let moved = |seen: Option<&(Element, f64)>| {
                seen.filter(|(row, _)| row.is_connected()).map(|(row, was)| (top(row) - was).round() as i32)
            };
            let moved = [moved(seen.first()), moved(seen.last())];
            let by = moved.into_iter().flatten().min_by_key(|by| by.abs()).unwrap_or(0);
            if by != 0 {
                list.set_scroll_top(list.scroll_top() + by);
            }
        }
        let lost = document().active_element().is_none_or(|now| now.tag_name() == "BODY");
        let focused = focused.filter(|focused| lost && focused.is_connected());
        if let Some(focused) = focused.and_then(|focused| focused.dyn_into::<HtmlElement>().ok()) {
            focus_in_place(&focused);
        }
    });
}
