//! Layout of the pages before the sign-in.

use super::document::Document;
use leptos::prelude::*;

/// A card in the middle, below the product name. `description`: makes the page visible to search engines.
#[component]
pub(super) fn Outside(
    title: String,
    #[prop(optional)] description: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <Document title=super::titled(&title) description=description>
            <main class="outside">
                <p class="brand">
                    <img src="/favicon.svg" alt="" width="32" height="32" />
                    "Rapport"
                </p>
                <div class="card">
                    <h1>{title}</h1>
                    {children()}
                </div>
            </main>
        </Document>
    }
}

/// Notice with the reason why the form was refused; nothing for `None`.
#[component]
pub(super) fn Refused(words: Option<String>) -> impl IntoView {
    words.map(|words| view! { <p class="notice bad" id="refused" role="alert">{words}</p> })
}
