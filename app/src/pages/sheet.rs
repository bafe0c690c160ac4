//! Pages in the frame whose content comes from the server, whole.

use crate::live;
use crate::parts::Badge;
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
    // The page under it is live: where the list and its badge are not beside it, this one tells how that goes.
    view! {
        <Badge />
        <div class="page" node_ref=sheet inner_html=crate::rpc::sheet()></div>
    }
}
