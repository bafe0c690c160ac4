//! Header of the sidebar: product name, status of the connection, and links to other conversations.

use crate::components::connection_badge::Badge;
use crate::components::notifications::Bell;
use crate::components::view_fn::handler;
use crate::i18n::t;
use leptos::prelude::*;

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
                aria-label=t!("layout.jump")
                title=t!("layout.jump_title")
                on:click=handler(move |_| jump.set(true))
            >
                <span class="icon icon-search" aria-hidden="true"></span>
            </button>
            <Bell />
            <a class="icon-button new" href="/new" aria-label=t!("layout.new") title=t!("layout.new")>
                <span class="icon icon-new" aria-hidden="true"></span>
            </a>
        </header>
    }
}
