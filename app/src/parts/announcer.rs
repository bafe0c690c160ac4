//! What changes without being asked for, for those who listen: one voice, never more often than every three seconds.

use super::badge;
use super::typing_line::passing;
use crate::client::use_client;
use crate::live::{self, LinkState};
use crate::route::{conversation_of, use_path};
use leptos::prelude::*;
use std::time::Duration;

/// The least time between two changes, in milliseconds.
const PAUSE_MS: u64 = 3_000;

/// Trouble with the connection, its end, else who is typing, came or went in the open conversation.
#[component]
pub(crate) fn Announcer() -> impl IntoView {
    let client = use_client();
    let path = use_path();
    // That all is well is said only after trouble.
    let link = Memo::new(move |before: Option<&String>| match client.link.get() {
        LinkState::Connecting => String::new(),
        LinkState::Connected if before.is_none_or(String::is_empty) => String::new(),
        state => {
            let (word, why) = badge::words(state);
            format!("{word} {why}")
        }
    });
    let wanted = Memo::new(move |_| {
        let trouble = !matches!(client.link.get(), LinkState::Connecting | LinkState::Connected);
        let open = conversation_of(&path.read()).filter(|_| !trouble);
        let news = open.map(|id| passing(client, id)).unwrap_or_default();
        if news.is_empty() { link.get() } else { news }
    });
    let said = RwSignal::new(String::new());
    let next = StoredValue::new(0_u64);
    let waits = StoredValue::new(false);
    Effect::new(move || {
        wanted.track();
        let say = move || {
            let Some(words) = wanted.try_get_untracked() else { return };
            let _ = waits.try_set_value(false);
            let _ = next.try_set_value(live::now_ms() + PAUSE_MS);
            if said.try_get_untracked().is_some_and(|said| said != words) {
                said.set(words);
            }
        };
        let pause = next.get_value().saturating_sub(live::now_ms());
        match (waits.get_value(), pause) {
            (true, _) => {} // What is wanted then is said then.
            (false, 0) => say(),
            (false, pause) => {
                waits.set_value(true);
                set_timeout(say, Duration::from_millis(pause));
            }
        }
    });
    view! {
        <p class="visually-hidden" role="status">
            {move || said.get()}
        </p>
    }
}
