//! The application: its routes.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

use crate::pages::{Home, Inside, New, NotFound, Settings, Talk};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// Everything between `<body>` and `</body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // Tests and style sheets wait for it: from here on the page answers.
    Effect::new(|| {
        if let Some(html) = document().document_element() {
            let _ = html.set_attribute("data-hydrated", "");
        }
    });
    view! {
        <Title text="Rapport" />
        <Router>
            <Routes fallback=|| view! { <NotFound /> }>
                <ParentRoute path=path!("") view=Inside ssr=SsrMode::Async>
                    <Route path=path!("") view=Home ssr=SsrMode::Async />
                    <Route path=path!("/c/:id") view=Talk ssr=SsrMode::Async />
                    <Route path=path!("/new") view=New ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=Settings ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
