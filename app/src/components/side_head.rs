//! The head of the list: what this is, how it is connected, and the ways to somebody else.

use super::badge::badge;
use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup};
use leptos::prelude::document;
use wasm_bindgen::JsCast;

/// Shows faces alone, or names beside them; this browser remembers it.
pub(crate) fn fold() {
    let Some(html) = document().document_element() else { return };
    let folded = html.toggle_attribute("data-folded").unwrap_or(false);
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let age = if folded { "31536000" } else { "0" };
        let _ = document.set_cookie(&format!("folded=1; Path=/; Max-Age={age}; SameSite=Lax"));
    }
}

/// Name, badge, and buttons.
pub(crate) fn side_head(client: Client) -> Markup {
    markup!(
        "<header class='side-head'><a class='brand' href='/'>Rapport</a>~\
         <button class='icon-button with-script' type='button' data-do='jump' aria-label='~' title='~'>\
         <span class='icon icon-search' aria-hidden='true'></span></button>\
         <button class='icon-button fold with-script' type='button' data-do='fold' aria-label='~' title='~'>\
         <span class='icon icon-fold' aria-hidden='true'></span></button>\
         <a class='icon-button new' href='/new' aria-label='~' title='~'>\
         <span class='icon icon-new' aria-hidden='true'></span></a></header>",
        badge(client),
        t!("frame.jump"),
        t!("frame.jump_title"),
        t!("frame.fold"),
        t!("frame.fold"),
        t!("frame.new"),
        t!("frame.new")
    )
}
