//! Footer of the sidebar: the person, the shortcuts, the width of the list, the sign-out.

use super::resize_handle::ResizeHandle;
use crate::client::use_client;
use crate::components::view_fn::{handler, view_fn};
use crate::components::{Avatar, Picture, SignOutForm, dialog};
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

/// Link to the settings with the person's name, buttons, and the handle at the sidebar's edge.
#[component]
pub(super) fn SidebarFooter() -> impl IntoView {
    let client = use_client();
    let collapsed = client.collapsed;
    let label = Signal::derive(move || if collapsed.get() { t!("layout.unfold") } else { t!("layout.fold") });
    let me = move || {
        let (picture, name) = client.profile(|state| (Picture::from(&state.me), state.me.display_name()));
        view! {
            <Avatar picture name=name.clone() />
            <span class="visually-hidden">{format!("{}: ", t!("layout.settings"))}</span>
            <bdi class="one-line">{name}</bdi>
        }
    };
    view! {
        <footer class="side-foot">
            <a class="me" href="/settings" rel="external" title=t!("layout.settings")>
                {view_fn(me)}
            </a>
            <button
                class="icon-button keys-button with-script"
                type="button"
                aria-label=t!("keys.title")
                title=t!("keys.title")
                on:click=handler(|_| dialog::open("keys"))
            >
                <span class="icon icon-help" aria-hidden="true"></span>
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
            <SignOutForm action="/sign-out" me=client.me()>
                <button class="icon-button" aria-label=t!("layout.sign_out") title=t!("layout.sign_out")>
                    <span class="icon icon-leave" aria-hidden="true"></span>
                </button>
            </SignOutForm>
            <ResizeHandle />
        </footer>
    }
}
