//! The sound of an announcement.

use crate::client::chat_client::Client;
use crate::client::clock::now_ms;
use crate::client::storage;
use leptos::task::spawn_local;
use std::cell::Cell;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlAudioElement;

/// Key of the switch of this device in local storage: `off`, or nothing.
const SWITCH: &str = "rapport.device.sound";
/// Made by `tools/notification-sound.mjs`.
const FILE: &str = "/notification.wav";

/// Least time between two sounds, in milliseconds: after a pause of the connection many news come at once.
const PAUSE_MS: u64 = 1_000;

thread_local! {
    static PLAYED_AT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Plays the sound, unless it is off. Browsers refuse it before the first click on the page.
pub(super) fn play(client: Client) {
    if !client.peek(|state| state.preferences.sound) {
        return;
    }
    let is_soon = PLAYED_AT.get().is_some_and(|at| now_ms() < at + PAUSE_MS);
    if is_soon || storage::get(SWITCH).as_deref() == Some("off") {
        return;
    }
    PLAYED_AT.set(Some(now_ms()));
    if let Ok(played) = HtmlAudioElement::new_with_src(FILE).and_then(|audio| audio.play()) {
        spawn_local(async move {
            let _ = JsFuture::from(played).await;
        });
    }
}
