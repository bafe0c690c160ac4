//! Browser notifications, where the person has switched them on for this device.

use super::headline::headline;
use crate::client::chat_client::Client;
use crate::client::storage;
use crate::routing::{Location, message_href};
use leptos::prelude::*;
use litemap::LiteMap;
use protocol::ConversationId;
use protocol::reducer::News;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

/// Key of the switch of this device in local storage: `on`, or nothing.
const SWITCH: &str = "rapport.device.notifications";

thread_local! {
    /// The notifications that this tab shows, by conversation.
    static SHOWN: RefCell<LiteMap<ConversationId, Notification>> = const { RefCell::new(LiteMap::new_vec()) };
}

fn is_on() -> bool {
    let is_there = js_sys::Reflect::has(&window(), &"Notification".into()).unwrap_or(false);
    storage::get(SWITCH).as_deref() == Some("on")
        && is_there
        && Notification::permission() == NotificationPermission::Granted
}

/// Shows a notification, in the place of an earlier one of the same conversation. A click on it opens the place.
pub(super) fn show(client: Client, location: Location, news: &News) {
    if !is_on() {
        return;
    }
    let id = news.conversation_id;
    let options = NotificationOptions::new();
    options.set_body(&news.preview);
    options.set_tag(&format!("rapport.{id}"));
    options.set_icon("/icon-192.png");
    // The page plays the sound. `web_sys` has this option only as an unstable one.
    let _ = js_sys::Reflect::set(&options, &"silent".into(), &true.into());
    let Ok(shown) = Notification::new_with_options(&headline(client, news.into()), &options) else { return };
    let href = message_href(id, news.seq);
    let on_click = Closure::once_into_js(move || {
        let _ = window().focus();
        if location.route.get_untracked().is_live() {
            location.navigate(&href);
        } else {
            let _ = window().location().set_href(&href);
        }
        close(id);
    });
    shown.set_onclick(Some(on_click.unchecked_ref()));
    SHOWN.with_borrow_mut(|all| all.insert(id, shown));
}

fn close(id: ConversationId) {
    if let Some(shown) = SHOWN.with_borrow_mut(|all| all.remove(&id)) {
        shown.close();
    }
}

/// Closes the notifications of all other conversations than these.
pub(super) fn close_read(unread: &[ConversationId]) {
    let shown: Vec<_> = SHOWN.with_borrow(|all| all.keys().copied().collect());
    shown.into_iter().filter(|id| !unread.contains(id)).for_each(close);
}

/// Closes all notifications when the page ends: a click on one of them would do nothing any more, and after a sign-out they
/// are nobody's business.
pub(super) fn close_at_end() {
    let handle = window_event_listener_untyped("pagehide", |_| close_read(&[]));
    std::mem::forget(handle);
}
