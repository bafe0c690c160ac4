//! The head of the list: what this is, how it is connected, and the ways to somebody else.

use super::Badge;
use crate::words::t;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Shows faces alone, or names beside them; this browser remembers it.
fn fold() {
    let Some(html) = document().document_element() else { return };
    let folded = html.toggle_attribute("data-folded").unwrap_or(false);
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let age = if folded { 31_536_000 } else { 0 };
        let _ = document.set_cookie(&format!("folded=1; Path=/; Max-Age={age}; SameSite=Lax"));
    }
}

/// Name, badge, and buttons.
#[component]
pub(crate) fn SideHead(
    /// Whether the jump dialog is open.
    jump: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <header class="side-head">
            <a class="brand" href="/">"Rapport"</a>
            <Badge />
            <button
                class="icon-button with-script"
                r#type="button"
                aria-label=t!("frame.jump")
                title=t!("frame.jump_title")
                on:click=move |_| jump.set(true)
            >
                <span class="icon icon-search" aria-hidden="true"></span>
            </button>
            <button
                class="icon-button fold with-script"
                r#type="button"
                aria-label=t!("frame.fold")
                title=t!("frame.fold")
                on:click=move |_| fold()
            >
                <span class="icon icon-fold" aria-hidden="true"></span>
            </button>
            <a class="icon-button new" href="/new" aria-label=t!("frame.new") title=t!("frame.new")>
                <span class="icon icon-new" aria-hidden="true"></span>
            </a>
        </header>
    }
}
