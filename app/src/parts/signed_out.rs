//! The sign-in has ended under an open page.

use crate::client::use_client;
use crate::live::{LinkState, Stop};
use crate::parts::with_next;
use crate::route::use_path;
use leptos::prelude::*;

/// Says so, and how to go on.
#[component]
pub(crate) fn SignedOut() -> impl IntoView {
    let link = use_client().link;
    let path = use_path();
    let ended = Memo::new(move |_| link.get() == LinkState::Stopped(Stop::SignedOut));
    view! {
        <Show when=move || ended.get()>
            <p class="notice bad" role="alert">
                "You are signed out. What you typed is kept. "
                <a href=move || with_next("/sign-in", &path.read()) rel="external">
                    "Sign in again"
                </a>
            </p>
        </Show>
    }
}
