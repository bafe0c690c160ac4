//! The root component.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

use crate::components::Layout;
use crate::components::NoEntry;
use crate::effect::effect;
use crate::initial_data::initial_data;
use crate::routing::{follow_links, provide_location};
use crate::server_fns::answer_not_found;
use leptos::prelude::*;

/// Everything between `<body>` and `</body>`: the layout with its pages, from the data that came with the page.
#[component]
pub fn App() -> impl IntoView {
    let location = provide_location();
    effect(move || follow_links(location));
    // Before the effects of the layout, which call server functions.
    effect(move || {
        let _ = leptos::server_fn::client::try_set_server_url(location.base);
    });
    // Tests and style sheets wait for the attribute: the page reacts to input from here on.
    effect(|| {
        if let Some(html) = document().document_element() {
            let _ = html.set_attribute("data-hydrated", "");
        }
    });
    let open = location.route.get_untracked().conversation();
    match initial_data() {
        Ok(data) => {
            if open.is_some_and(|id| data.synced.gone.contains(&id)) {
                // The page still shows the list; the status is for programs.
                answer_not_found();
            }
            view! { <Layout data open /> }.into_any()
        }
        Err(refused) => view! { <NoEntry refused /> }.into_any(),
    }
}

/// Brings the page that the server rendered to life.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
