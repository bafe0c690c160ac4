//! The document around the application.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

pub use crate::initial_data::server::Folded;
pub use crate::server_pages::Demo;

use crate::app::App;
use crate::assets::Assets;
use crate::components::ServerPageRenderer;
use crate::i18n::compiled::catalogue;
use crate::i18n::{Language, t};
use crate::initial_data;
use crate::routing::RequestUrl;
use crate::server_pages::{self, CommonHead, DemoNotice, joined};
use crate::theme::Theme;
use leptos::hydration::AutoReload;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use std::sync::LazyLock;

/// Scripts that run as soon as the page is there, long before the WASM.
static EARLY: LazyLock<String> =
    LazyLock::new(|| joined(&[include_str!("early.js"), include_str!("press.js")]));

/// Script of embedded pages.
static EMBED: LazyLock<String> = LazyLock::new(|| joined(&[include_str!("embed.js")]));

/// Scripts that run before the first paint.
static FIRST: LazyLock<String> =
    LazyLock::new(|| joined(&[include_str!("list_width.js"), include_str!("partial.js")]));

/// The whole document. Takes [`Assets`], [`Language`] and [`Theme`] from the context, and [`Folded`] and [`Demo`] where
/// they are set.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Assets { css, js, wasm } = use_context().unwrap_or_default();
    let language: Language = use_context().unwrap_or_default();
    let theme: Theme = use_context().unwrap_or_default();
    let folded = use_context::<Folded>().filter(|folded| folded.0).map(|_| "");
    let demo = use_context::<Demo>();
    let class = demo.as_ref().map(|_| "demo");
    let nonce = use_nonce();
    let is_embedded = use_context::<RequestUrl>().is_some_and(|url| !url.base.is_empty());
    let embed_nonce = nonce.clone();
    let embed = is_embedded
        .then(|| view! { <script type="module" nonce=embed_nonce inner_html=EMBED.as_str()></script> });
    provide_context::<ServerPageRenderer>(server_pages::sheet);
    let data = initial_data::server::to_json().map(|json| {
        view! { <script type="application/json" id=initial_data::ELEMENT inner_html=json></script> }
    });
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=language.direction() data-theme=theme.code() data-folded=folded>
            <head>
                <CommonHead css theme />
                <meta name="robots" content="noindex" />
                <link rel="modulepreload" href=js.clone() nonce=nonce.clone() />
                <link rel="preload" href=wasm.clone() r#as="fetch" type="application/wasm" crossorigin="anonymous" />
                <AutoReload options />
                <title>"Rapport"</title>
                <script type="application/json" id="words" inner_html=catalogue(language)></script>
                {data}
                <script nonce=nonce.clone() inner_html=FIRST.as_str()></script>
                <script type="module" nonce=nonce.clone() inner_html=EARLY.as_str()></script>
                {embed}
                <script type="module" nonce=nonce inner_html=hydration_script(&js, &wasm)></script>
            </head>
            <body class=class>
                <App />
                {demo.map(|demo| view! { <DemoNotice demo /> })}
            </body>
        </html>
    }
}

/// Loads the WASM and hydrates the page; says so where that fails. Ours instead of `HydrationScripts`, which writes the
/// nonce into the preload's `crossorigin`.
fn hydration_script(js: &str, wasm: &str) -> String {
    format!(
        "import({js:?}).then(m=>m.default({{module_or_path:{wasm:?}}}).then(m.hydrate)).catch(e=>{{\
         console.warn('This page could not come alive:',e);\
         const p=document.createElement('p'),a=document.createElement('a');\
         p.className='notice not-live';p.setAttribute('role','status');a.setAttribute('href','');\
         a.textContent={again};p.append({words},' ',a);document.body.append(p)}})",
        again = script_text(&t!("page.reload")),
        words = script_text(&t!("page.not_live")),
    )
}

/// A text as a JavaScript literal, safe within a `<script>`.
fn script_text(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('<', "\\u003c")
}
