//! The document around the application.

use crate::demo::{Demo, demonstration};
use crate::i18n::{Language, catalogue, t};
use crate::markup::{Markup, markup};
use crate::{Assets, Theme};
use leptos::hydration::{AutoReload, AutoReloadProps};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use std::sync::LazyLock;

/// Whether the reader has folded the list: in the context of a page, so that it is painted so from the first.
#[derive(Clone, Copy, Debug)]
pub struct Folded(pub bool);

/// Run as soon as the page is there, long before the code that makes it live.
static EARLY: LazyLock<String> = LazyLock::new(|| {
    let lines = [include_str!("early.js"), include_str!("press.js")].into_iter().flat_map(str::lines);
    lines.map(str::trim).filter(|line| !line.starts_with("//")).collect()
});

/// The whole document. Takes [`Assets`], [`Language`] and [`Theme`] from the context,
/// and [`Folded`] and [`Demo`] if there are.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Assets { css, js, wasm } = use_context().unwrap_or_default();
    let nonce = use_nonce();
    let language: Language = use_context().unwrap_or_default();
    let theme: Theme = use_context().unwrap_or_default();
    let folded = use_context::<Folded>().filter(|folded| folded.0);
    let demo = use_context::<Demo>();
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
    let (nonce, early) = (nonce.as_deref().unwrap_or_default(), Markup::made(EARLY.clone()));
    let reload = AutoReload(AutoReloadProps::builder().options(options).build()).to_html();
    let page = markup!(
        "<!DOCTYPE html><html lang='~' dir='~' data-theme='~'~><head>~\
         <meta name='robots' content='noindex'>\
         <link rel='modulepreload' href='~' nonce='~'>\
         <link rel='preload' href='~' as='fetch' type='application/wasm' crossorigin='anonymous'>~\
         <title>Rapport</title>\
         <script type='application/json' id='words'>~</script>~\
         <script type='module' nonce='~'>~</script>\
         <script type='module' nonce='~'>~</script>\
         </head><body~>~~</body></html>",
        language.code(),
        language.direction(),
        theme.code(),
        folded.map(|_| Markup::made(" data-folded".into())),
        common(&css, theme),
        js,
        nonce,
        wasm,
        // Nothing at all is a marker for who would hydrate it.
        Markup::made(reload.replace("<!>", "")),
        Markup::made(catalogue(language)),
        loaded(),
        nonce,
        early,
        nonce,
        Markup::made(start),
        demo.as_ref().map(|_| Markup::made(" class='demo'".into())),
        crate::app::root(),
        demo.map(|demo| Markup::made(demonstration(demo).to_html())),
    );
    page.into_render()
}

/// What the page begins with, where it begins with anything.
fn loaded() -> Option<Markup> {
    let carried = crate::initial_data::carried()?;
    Some(markup!("<script type='application/json' id='loaded'>~</script>", Markup::made(carried)))
}

/// What every document's head has.
pub(crate) fn common(css: &str, theme: Theme) -> Markup {
    // The ground of `tokens.css`.
    let (light, dark) = ("#fdfdfb", "#1b1916");
    let always = |colour: &str| markup!("<meta name='theme-color' content='~'>", colour);
    let where_it_is = |colour: &str, scheme: &str| {
        markup!("<meta name='theme-color' content='~' media='(prefers-color-scheme: ~)'>", colour, scheme)
    };
    let (scheme, grounds) = match theme {
        Theme::Auto => ("light dark", vec![where_it_is(light, "light"), where_it_is(dark, "dark")]),
        Theme::Light => ("light", vec![always(light)]),
        Theme::Dark => ("dark", vec![always(dark)]),
    };
    markup!(
        "<meta charset='utf-8'>\
         <meta name='viewport' content='width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content'>\
         <meta name='color-scheme' content='~'>~\
         <link rel='stylesheet' href='~'>\
         <link rel='icon' href='/favicon.svg' type='image/svg+xml'>\
         <link rel='apple-touch-icon' href='/icon-180.png'>\
         <link rel='manifest' href='/manifest.webmanifest'>",
        scheme,
        grounds,
        css
    )
}

/// Text as a script has it, safe within a `<script>`.
fn script_text(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('<', "\\u003c")
}
