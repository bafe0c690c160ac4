//! The document around the application.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

mod demo;

pub use demo::Demo;
pub(crate) use demo::DemoNotice;

use crate::app::App;
use crate::i18n::compiled::catalogue;
use crate::i18n::{Language, t};
use crate::{Assets, Theme, initial_data};
use leptos::html;
use leptos::hydration::AutoReload;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use std::sync::LazyLock;

/// Whether the reader has collapsed the list: in the context of a page, so that it is painted so from the first.
#[derive(Clone, Copy, Debug)]
pub struct Folded(pub bool);

/// Scripts that run as soon as the page is there, long before the WASM.
static EARLY: LazyLock<String> =
    LazyLock::new(|| joined(&[include_str!("early.js"), include_str!("press.js")]));

/// Script that runs before the first paint.
static LIST_WIDTH: LazyLock<String> = LazyLock::new(|| joined(&[include_str!("list_width.js")]));

/// Scripts without their comments and line breaks.
fn joined(scripts: &[&str]) -> String {
    let lines = scripts.iter().flat_map(|script| script.lines());
    lines.map(str::trim).filter(|line| !line.starts_with("//")).collect()
}

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
                <script nonce=nonce.clone() inner_html=LIST_WIDTH.as_str()></script>
                <script type="module" nonce=nonce.clone() inner_html=EARLY.as_str()></script>
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
        again = script_text(&t!("outside.reload")),
        words = script_text(&t!("outside.not_live")),
    )
}

/// Head of every document.
#[component]
pub(crate) fn CommonHead(css: String, theme: Theme) -> impl IntoView {
    // `--ground` of `tokens.css`.
    let (light, dark) = ("#fdfdfb", "#1b1916");
    let ground = |colour: &'static str| html::meta().name("theme-color").content(colour);
    let grounds = match theme {
        Theme::Auto => {
            let light = ground(light).attr("media", "(prefers-color-scheme: light)");
            (light, ground(dark).attr("media", "(prefers-color-scheme: dark)")).into_any()
        }
        Theme::Light => ground(light).into_any(),
        Theme::Dark => ground(dark).into_any(),
    };
    let scheme = if theme == Theme::Auto { "light dark" } else { theme.code() };
    view! {
        <meta charset="utf-8" />
        <meta
            name="viewport"
            content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
        />
        <meta name="color-scheme" content=scheme />
        {grounds}
        <link rel="stylesheet" href=css />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="apple-touch-icon" href="/icon-180.png" />
        <link rel="manifest" href="/manifest.webmanifest" />
    }
}

/// A text as a JavaScript literal, safe within a `<script>`.
fn script_text(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('<', "\\u003c")
}
