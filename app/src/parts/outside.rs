//! The frame of pages before the sign-in.

use leptos::prelude::*;
use leptos_meta::Title;

/// A centred card.
#[component]
pub(crate) fn Outside(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=format!("{title} · Rapport") />
        <main class="outside">
            <p class="brand">"Rapport"</p>
            <h1>{title}</h1>
            {children()}
        </main>
    }
}
