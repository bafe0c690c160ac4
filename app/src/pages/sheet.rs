//! Pages in the frame whose content comes from the server, whole.

use crate::live;
use leptos::html;
use leptos::prelude::*;

/// The browser has no code for what stands in it, and leaves it as it is.
#[component]
pub(crate) fn Sheet() -> impl IntoView {
    let sheet = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if let Some(sheet) = sheet.get() {
            live::help_to_find(&sheet);
        }
    });
    view! { <div class="page" node_ref=sheet inner_html=crate::rpc::sheet()></div> }
}
