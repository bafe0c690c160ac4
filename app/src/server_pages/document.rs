//! HTML document of a page without client code.

use super::common_head::CommonHead;
use super::demo::{Demo, DemoNotice};
use crate::assets::Assets;
use crate::i18n::Language;
use crate::theme::Theme;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Script that stores the browser's time zone in a cookie, for the first page that shows times, and makes the buttons
/// work that reveal passwords. Without it those buttons stay hidden.
const SCRIPT: &str = "\
document.cookie=`tz=${Intl.DateTimeFormat().resolvedOptions().timeZone};Path=/;Max-Age=31536000;SameSite=Lax`;\
for(const b of document.querySelectorAll('.reveal')){\
b.hidden=false;\
b.onclick=()=>{const i=b.previousElementSibling,s=i.type==='password';i.type=s?'text':'password';\
b.setAttribute('aria-pressed',s)};\
b.form.addEventListener('submit',()=>b.previousElementSibling.type='password')}";

/// The whole document. It prefetches the client code for the page after the sign-in.
#[component]
pub(super) fn Document(
    title: String,
    /// Description for search engines; a page without one is not indexed.
    #[prop(optional_no_strip)]
    description: Option<String>,
    children: Children,
) -> impl IntoView {
    let Assets { css, js, wasm } = use_context().unwrap_or_default();
    let language: Language = use_context().unwrap_or_default();
    let theme: Theme = use_context().unwrap_or_default();
    let demo = use_context::<Demo>();
    let class = demo.as_ref().map(|_| "demo");
    let robots = if description.is_some() { "index, nofollow" } else { "noindex" };
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=language.direction() data-theme=theme.code()>
            <head>
                <CommonHead css theme />
                // Text of the catalogue only, so it is safe as HTML. As a child it would come with a comment node, which
                // a title would show as text.
                <title inner_html=title></title>
                <meta name="robots" content=robots />
                {description.map(|words| view! { <meta name="description" content=words /> })}
                <link rel="prefetch" href=js />
                <link rel="prefetch" href=wasm r#as="fetch" crossorigin="anonymous" />
            </head>
            <body class=class>
                {children()}
                {demo.map(|demo| view! { <DemoNotice demo /> })}
                <script r#type="module" nonce=use_nonce()>{SCRIPT}</script>
            </body>
        </html>
    }
}
