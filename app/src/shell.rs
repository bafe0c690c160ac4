//! The document around the application.

use crate::demo::{Demo, demonstration};
use crate::words::Language;
use crate::{App, Assets};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// Runs as soon as the page is there, long before the code that makes it live.
const EARLY: &str = include_str!("live/early.js");

/// The whole document, rendered on the server. Takes [`Assets`] from the context, and [`Demo`] if there is one.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Assets { css, js, wasm } = use_context().unwrap_or_default();
    let nonce = use_nonce();
    let language: Language = use_context().unwrap_or_default();
    let demo = use_context::<Demo>();
    let class = demo.as_ref().map(|_| "demo");
    // Ours instead of `HydrationScripts`: that one writes the nonce into the preload's `crossorigin`.
    let start = format!(
        "import start, {{ hydrate }} from {js:?}; start({{ module_or_path: {wasm:?} }}).then(hydrate);"
    );
    let early = EARLY.lines().skip_while(|line| line.starts_with("//")).map(str::trim).collect::<String>();
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=language.direction()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#f7f6f3" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#191817" media="(prefers-color-scheme: dark)" />
                <link rel="stylesheet" href=css />
                <link rel="modulepreload" href=js nonce=nonce.clone() />
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <AutoReload options=options.clone() />
                <MetaTags />
                <script r#type="application/json" id="words">{words(language)}</script>
                <script r#type="module" nonce=nonce.clone()>{early}</script>
                <script r#type="module" nonce=nonce>{start}</script>
            </head>
            <body class=class>
                <App />
                {demo.map(demonstration)}
            </body>
        </html>
    }
}

/// The catalogue that the page brings along. The shell is made on the server alone.
fn words(language: Language) -> String {
    #[cfg(feature = "ssr")]
    return crate::words::catalogue(language);
    #[cfg(not(feature = "ssr"))]
    return language.code().to_owned();
}
