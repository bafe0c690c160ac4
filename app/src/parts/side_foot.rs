//! Under the list: oneself, the way out, and the keys.

use super::{Avatar, as_whom, dialog};
use crate::client::use_client;
use crate::words::t;
use leptos::prelude::*;

/// Quiet, and always there.
#[component]
pub(crate) fn SideFoot() -> impl IntoView {
    let client = use_client();
    view! {
        <footer class="side-foot">
            {move || {
                let me = client.read(|state| state.me.clone());
                let name = me.display_name();
                let what = format!("{}: ", t!("frame.settings"));
                view! {
                    <a class="me" href="/settings" rel="external" title=t!("frame.settings")>
                        <Avatar id=me.face() name=name.clone() />
                        <span class="visually-hidden">{what}</span>
                        <bdi class="one-line">{name}</bdi>
                    </a>
                }
            }}
            <button
                class="icon-button keys-button with-script"
                r#type="button"
                aria-label=t!("keys.title")
                title=t!("keys.title")
                on:click=move |_| dialog::show("keys")
            >
                <span class="icon icon-help" aria-hidden="true"></span>
            </button>
            <form method="post" action="/sign-out">
                {as_whom(client.me())}
                <button class="icon-button" aria-label=t!("frame.sign_out") title=t!("frame.sign_out")>
                    <span class="icon icon-leave" aria-hidden="true"></span>
                </button>
            </form>
        </footer>
    }
}
