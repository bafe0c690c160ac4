//! Announcements for screen readers: one live region, at most one change every three seconds.

use super::connection_badge::status_words;
use super::conversation::typing_line_text;
use crate::client::{ConnectionStatus, now_ms, use_client};
use crate::effect::effect;
use crate::i18n::plural;
use crate::routing::use_location;
use leptos::prelude::*;
use std::time::Duration;

/// Least time between two changes, in milliseconds.
const PAUSE_MS: u64 = 3_000;

/// Announces how many members the composer offers, else trouble with the connection and its end, else who is typing, came or
/// went in the open conversation.
#[component]
pub(crate) fn Announcer() -> impl IntoView {
    let client = use_client();
    let route = use_location().route;
    // A working connection is announced only after a failure.
    let connection = Memo::new(move |before: Option<&String>| match client.status.get() {
        ConnectionStatus::Connecting => String::new(),
        ConnectionStatus::Connected if before.is_none_or(String::is_empty) => String::new(),
        status => {
            let (word, why) = status_words(status);
            format!("{word} {why}")
        }
    });
    let wanted = Memo::new(move |_| {
        let offered = client.offered.get();
        if offered > 0 {
            return plural!("composer.offered", offered);
        }
        let trouble =
            !matches!(client.status.get(), ConnectionStatus::Connecting | ConnectionStatus::Connected);
        let open = route.get().conversation().filter(|_| !trouble);
        let typing = open.map(|id| typing_line_text(client, id)).unwrap_or_default();
        if typing.is_empty() { connection.get() } else { typing }
    });
    let announced = RwSignal::new(String::new());
    let next_at = StoredValue::new(0_u64);
    let scheduled = StoredValue::new(false);
    effect(move || {
        wanted.track();
        let announce = move || {
            let Some(words) = wanted.try_get_untracked() else { return };
            scheduled.set_value(false);
            next_at.set_value(now_ms() + PAUSE_MS);
            if announced.get_untracked() != words {
                announced.set(words);
            }
        };
        let pause = next_at.get_value().saturating_sub(now_ms());
        if pause == 0 {
            announce();
        } else if !scheduled.get_value() {
            scheduled.set_value(true);
            set_timeout(announce, Duration::from_millis(pause));
        }
    });
    view! {
        <p class="visually-hidden announcer" role="status">
            {Signal::derive(move || announced.get())}
        </p>
    }
}
