//! One's own account.

use crate::parts::Head;
use crate::words::t;
use leptos::html;
use leptos::prelude::*;

/// `/settings`: the sheet comes from the server, whole. The browser has no code for it, so it asks for the page anew
/// when it comes here without a load (back from another page).
#[component]
pub(crate) fn Settings() -> impl IntoView {
    let sheet = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if sheet.get().is_some_and(|sheet| sheet.child_element_count() == 0) {
            let _ = window().location().reload();
        }
    });
    view! {
        <Head title=t!("found.settings") />
        <div class="sheet settings" node_ref=sheet inner_html=crate::rpc::settings()></div>
    }
}
