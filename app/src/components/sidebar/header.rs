//! Header of the sidebar: product name, status of the connection, and links to other conversations.

use crate::client::use_client;
use crate::components::badge::Badge;
use crate::components::view_fn::handler;
use crate::i18n::t;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

/// Seconds for which the browser keeps the cookie of a collapsed list.
const YEAR: u32 = 31_536_000;

/// Collapses the list to faces, or expands it; a cookie keeps that for the next page.
fn toggle(collapsed: RwSignal<bool>) {
    let Some(html) = document().document_element() else { return };
    let now = html.toggle_attribute("data-folded").unwrap_or(false);
    collapsed.set(now);
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let age = if now { YEAR } else { 0 };
        let _ = document.set_cookie(&format!("folded=1; Path=/; Max-Age={age}; SameSite=Lax"));
    }
}

/// Name, badge, and buttons.
#[component]
pub(super) fn SidebarHeader(jump: RwSignal<bool>) -> impl IntoView {
    let collapsed = use_client().collapsed;
    let label = Signal::derive(move || if collapsed.get() { t!("frame.unfold") } else { t!("frame.fold") });
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
                aria-label=label
                title=label
                on:click=handler(move |_| toggle(collapsed))
            >
                <span class="icon icon-fold" aria-hidden="true"></span>
            </button>
            <a class="icon-button new" href="/new" aria-label=t!("frame.new") title=t!("frame.new")>
                <span class="icon icon-new" aria-hidden="true"></span>
            </a>
        </header>
    }
}
