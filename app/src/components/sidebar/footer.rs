//! Footer of the sidebar: the person, the shortcuts, the sign-out.

use super::resize_handle::ResizeHandle;
use crate::client::use_client;
use crate::components::view_fn::{handler, view_fn};
use crate::components::{Avatar, SignOutForm, dialog};
use crate::i18n::t;
use leptos::prelude::*;

/// Link to the settings with the person's name, two buttons, and the handle at the sidebar's edge.
#[component]
pub(super) fn SidebarFooter() -> impl IntoView {
    let client = use_client();
    let me = move || {
        let (hue, name) = client.profile(|state| (state.me.face(), state.me.display_name()));
        view! {
            <Avatar hue name=name.clone() />
            <span class="visually-hidden">{format!("{}: ", t!("frame.settings"))}</span>
            <bdi class="one-line">{name}</bdi>
        }
    };
    view! {
        <footer class="side-foot">
            <a class="me" href="/settings" rel="external" title=t!("frame.settings")>
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
            <SignOutForm action="/sign-out" me=client.me()>
                <button class="icon-button" aria-label=t!("frame.sign_out") title=t!("frame.sign_out")>
                    <span class="icon icon-leave" aria-hidden="true"></span>
                </button>
            </SignOutForm>
            <ResizeHandle />
        </footer>
    }
}
