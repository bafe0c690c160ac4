//! What changes without being asked for, for those who listen: one voice, never more often than every three seconds.

use super::badge;
use super::typing_line::passing;
use crate::client::Client;
use crate::client::{self as live, LinkState};
use crate::markup::{Markup, markup, part};
use crate::routing::{conversation_of, use_path};
use crate::wires::effect;
use leptos::prelude::*;
use std::time::Duration;

/// The least time between two changes, in milliseconds.
const PAUSE_MS: u64 = 3_000;

/// Trouble with the connection, its end, else who is typing, came or went in the open conversation.
pub(crate) fn announcer(client: Client) -> Markup {
    let path = use_path();
    let wanted = StoredValue::new(String::new());
    let said = RwSignal::new(String::new());
    let next = StoredValue::new(0_u64);
    let waits = StoredValue::new(false);
    let say = move || {
        let Some(words) = wanted.try_get_value() else { return };
        waits.set_value(false);
        next.set_value(live::now_ms() + PAUSE_MS);
        if said.get_untracked() != words {
            said.set(words);
        }
    };
    let mut link = String::new();
    effect(move || {
        let state = client.link.get();
        let trouble = !matches!(state, LinkState::Connecting | LinkState::Connected);
        // That all is well is said only after trouble.
        link = if trouble || state == LinkState::Connected && !link.is_empty() {
            let (word, why) = badge::words(state);
            format!("{word} {why}")
        } else {
            String::new()
        };
        let open = conversation_of(&path.read()).filter(|_| !trouble);
        let news = open.map(|id| passing(client, id)).filter(|news| !news.is_empty());
        let words = news.unwrap_or_else(|| link.clone());
        if wanted.with_value(|wanted| *wanted == words) {
            return;
        }
        wanted.set_value(words);
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
    part("announcer", move || markup!("<p class='visually-hidden' role='status'>~</p>", said.get()))
}
