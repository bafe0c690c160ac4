//! A button that copies a text.

use super::view_fn::handler;
use crate::client::{can_copy, copy_text};
use crate::i18n::t;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button, which says afterwards that the text was copied; nothing where the browser cannot copy.
#[component]
pub(super) fn CopyButton(text: String, label: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_: web_sys::MouseEvent| {
        let text = text.clone();
        spawn_local(async move {
            let done = copy_text(&text).await;
            let _ = copied.try_set(done);
        });
    };
    let words = move || if copied.get() { t!("invitation.copied") } else { label.clone() };
    can_copy().then(|| {
        view! {
            <button class="button" type="button" on:click=handler(copy)>
                {Signal::derive(words)}
            </button>
        }
        .into_any()
    })
}
