//! The number of unread notifications outside of the page: a dot on its icon, and the badge of an installed application.

use crate::client::Client;
use crate::effect::effect;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::reducer::State;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Keeps icon and badge.
pub(crate) fn show_unread(client: Client) {
    let unread = Memo::new(move |_| client.notifications(State::unread_notifications));
    effect(move || {
        let unread = unread.get();
        set_icon(unread > 0);
        set_badge(unread);
    });
}

fn set_icon(is_unread: bool) {
    let href = if is_unread { "/favicon-unread.svg" } else { "/favicon.svg" };
    if let Ok(Some(link)) = document().query_selector("link[rel=icon]")
        && link.get_attribute("href").as_deref() != Some(href)
    {
        let _ = link.set_attribute("href", href);
    }
}

/// Sets the application's badge, where the browser has one. `web_sys` has this API only as an unstable one.
fn set_badge(unread: u32) {
    let navigator: JsValue = window().navigator().into();
    let set = Reflect::get(&navigator, &"setAppBadge".into()).ok();
    if let Some(set) = set.and_then(|set| set.dyn_into::<Function>().ok())
        && let Ok(Ok(set)) = set.call1(&navigator, &unread.into()).map(JsCast::dyn_into::<Promise>)
    {
        spawn_local(async move {
            // A browser that refuses it has no badge to show.
            let _ = JsFuture::from(set).await;
        });
    }
}
