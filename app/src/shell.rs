//! The document around the application.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

use crate::demo::{Demo, demonstration};
use crate::words::{Language, t};
use crate::{Assets, Theme};
use leptos::html;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Whether the reader has folded the list: in the context of a page, so that it is painted so from the first.
#[derive(Clone, Copy, Debug)]
pub struct Folded(pub bool);

/// Run as soon as the page is there, long before the code that makes it live.
const EARLY: [&str; 2] = [include_str!("live/early.js"), include_str!("live/press.js")];

/// The whole document, rendered on the server. Takes [`Assets`], [`Language`] and [`Theme`] from the context,
/// and [`Folded`] and [`Demo`] if there are.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Assets { css, js, wasm } = use_context().unwrap_or_default();
    let nonce = use_nonce();
    let language: Language = use_context().unwrap_or_default();
    let theme: Theme = use_context().unwrap_or_default();
    let folded = use_context::<Folded>().filter(|folded| folded.0).map(|_| "");
    let demo = use_context::<Demo>();
    let class = demo.as_ref().map(|_| "demo");
    // Ours instead of `HydrationScripts`: that one writes the nonce into the preload's `crossorigin`.
    let start = format!(
        "import({js:?}).then(m=>m.default({{module_or_path:{wasm:?}}}).then(m.hydrate)).catch(e=>{{\
         console.warn('This page could not come alive:',e);\
         const p=document.createElement('p'),a=document.createElement('a');\
         p.className='notice not-live';p.setAttribute('role','status');a.setAttribute('href','');\
         a.textContent={again};p.append({words},' ',a);document.body.append(p)}})",
        again = script_text(&t!("outside.reload")),
        words = script_text(&t!("outside.not_live")),
    );
    let lines = EARLY.iter().flat_map(|script| script.lines()).map(str::trim);
    let early = lines.filter(|line| !line.starts_with("//")).collect::<String>();
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=language.direction() data-theme=theme.code() data-folded=folded>
            <head>
                <Common css theme />
                <meta name="robots" content="noindex" />
                <link rel="modulepreload" href=js nonce=nonce.clone() />
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <AutoReload options=options.clone() />
                <title>"Rapport"</title>
                <script r#type="application/json" id="words">{words(language)}</script>
                {loaded()}
                <script r#type="module" nonce=nonce.clone()>{early}</script>
                <script r#type="module" nonce=nonce>{start}</script>
            </head>
            <body class=class>
                {crate::root::root()}
                {demo.map(demonstration)}
            </body>
        </html>
    }
}

/// What the page begins with, where it begins with anything.
#[cfg(feature = "ssr")]
fn loaded() -> Option<impl IntoView> {
    let carried = crate::loaded::carried()?;
    Some(view! { <script r#type="application/json" id="loaded" inner_html=carried></script> })
}

#[cfg(not(feature = "ssr"))]
fn loaded() {}

/// What every document's head has.
#[component]
pub(crate) fn Common(css: String, theme: Theme) -> impl IntoView {
    // The ground of `tokens.css`.
    let (light, dark) = ("#fdfdfb", "#1b1916");
    let ground = |colour: &'static str| html::meta().name("theme-color").content(colour);
    let (scheme, grounds) = match theme {
        Theme::Auto => {
            let light = ground(light).attr("media", "(prefers-color-scheme: light)");
            ("light dark", (light, ground(dark).attr("media", "(prefers-color-scheme: dark)")).into_any())
        }
        Theme::Light => ("light", ground(light).into_any()),
        Theme::Dark => ("dark", ground(dark).into_any()),
    };
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content" />
        <meta name="color-scheme" content=scheme />
        {grounds}
        <link rel="stylesheet" href=css />
        <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
        <link rel="apple-touch-icon" href="/icon-180.png" />
        <link rel="manifest" href="/manifest.webmanifest" />
    }
}

/// Text as a script has it, safe within a `<script>`.
fn script_text(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('<', "\\u003c")
}

/// The catalogue that the page brings along. The shell is made on the server alone.
fn words(language: Language) -> String {
    #[cfg(feature = "ssr")]
    return crate::words::catalogue(language);
    #[cfg(not(feature = "ssr"))]
    return language.code().to_owned();
}
