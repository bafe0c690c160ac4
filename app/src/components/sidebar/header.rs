//! Header of the sidebar: the name, the connection, and the ways to other conversations.

use crate::components::badge::Badge;
use crate::components::view_fn::handler;
use crate::i18n::t;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

/// Seconds for which the browser keeps the cookie of a collapsed list.
const YEAR: u32 = 31_536_000;

/// Collapses the list to faces, or expands it; a cookie keeps that for the next page.
fn toggle_collapsed() {
    let Some(html) = document().document_element() else { return };
    let collapsed = html.toggle_attribute("data-folded").unwrap_or(false);
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let age = if collapsed { YEAR } else { 0 };
        let _ = document.set_cookie(&format!("folded=1; Path=/; Max-Age={age}; SameSite=Lax"));
    }
}

/// Name, badge, and buttons.
#[component]
pub(super) fn SidebarHeader(jump: RwSignal<bool>) -> impl IntoView {
    view! {
        <header class="side-head">
            <a class="brand" href="/">
                "Rapport"
            </a>
            <Badge />
            <button
                class="icon-button with-script"
                type="button"
                aria-label=t!("frame.jump")
                title=t!("frame.jump_title")
                on:click=handler(move |_| jump.set(true))
            >
                <span class="icon icon-search" aria-hidden="true"></span>
            </button>
            <button
                class="icon-button fold with-script"
                type="button"
                aria-label=t!("frame.fold")
                title=t!("frame.fold")
                on:click=handler(|_| toggle_collapsed())
            >
                <span class="icon icon-fold" aria-hidden="true"></span>
            </button>
            <a class="icon-button new" href="/new" aria-label=t!("frame.new") title=t!("frame.new")>
                <span class="icon icon-new" aria-hidden="true"></span>
            </a>
        </header>
    }
}
