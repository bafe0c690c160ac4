//! The document around a plain page.

use super::common_head::CommonHead;
use super::demo::{Demo, DemoNotice};
use crate::assets::Assets;
use crate::i18n::Language;
use crate::theme::Theme;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Tells the server the zone of the clock, so that the first page that shows times shows the right ones; and lets
/// passwords be looked at: the button is hidden where no script takes it.
const SCRIPT: &str = "\
document.cookie=`tz=${Intl.DateTimeFormat().resolvedOptions().timeZone};Path=/;Max-Age=31536000;SameSite=Lax`;\
for(const b of document.querySelectorAll('.reveal')){\
b.hidden=false;\
b.onclick=()=>{const i=b.previousElementSibling,s=i.type==='password';i.type=s?'text':'password';\
b.setAttribute('aria-pressed',s)};\
b.form.addEventListener('submit',()=>b.previousElementSibling.type='password')}";

/// The whole document. What a page behind the sign-in needs is fetched meanwhile.
#[component]
pub(super) fn Document(
    title: String,
    /// For those who look at it from outside: search engines.
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
                // Words of the catalogue alone. As a child it would bring a comment along, which a title shows.
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
