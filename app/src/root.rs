//! The application.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

use crate::pages::Inside;
use crate::route;
use leptos::prelude::*;

/// Everything between `<body>` and `</body>`.
#[component]
pub fn App() -> impl IntoView {
    route::begin();
    // Tests and style sheets wait for it: from here on the page answers.
    Effect::new(|| {
        if let Some(html) = document().document_element() {
            let _ = html.set_attribute("data-hydrated", "");
        }
    });
    view! { <Inside /> }
}
