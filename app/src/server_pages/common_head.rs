//! Part of the document head that every page has.

use crate::theme::Theme;
use leptos::html;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use std::sync::LazyLock;

/// Scripts of every page. One asks before a sign-out, empties the browser after one, and closes the pages of the other tabs. The
/// other hides images of people that cannot be loaded.
static SCRIPTS: LazyLock<String> =
    LazyLock::new(|| joined(&[include_str!("sign_out.js"), include_str!("picture.js")]));

/// Scripts without their comments and line breaks.
pub(crate) fn joined(scripts: &[&str]) -> String {
    let lines = scripts.iter().flat_map(|script| script.lines());
    lines.map(str::trim).filter(|line| !line.starts_with("//")).collect()
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
        <script r#type="module" nonce=use_nonce() inner_html=SCRIPTS.as_str()></script>
    }
}
