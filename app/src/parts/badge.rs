//! How the connection stands, in colour and in words.

use crate::client::use_client;
use crate::live::{LinkState, Stop};
use leptos::prelude::*;

fn words(state: LinkState) -> (&'static str, &'static str) {
    match state {
        LinkState::Connecting => ("Connecting…", ""),
        LinkState::Connected => ("Connected", ""),
        LinkState::Reconnecting { .. } => {
            ("Reconnecting…", "Messages are kept and sent when the server answers")
        }
        LinkState::Polling => ("Polling", "Live connection blocked, still up to date"),
        LinkState::Offline => ("Offline", "Messages are kept and sent when you are back"),
        LinkState::Stopped(Stop::SignedOut) => ("Cannot connect", "You are signed out"),
        LinkState::Stopped(Stop::Malformed) => {
            ("Cannot connect", "Load the page again: the server has changed")
        }
        LinkState::Stopped(Stop::Gone) => ("Cannot connect", "This is not there for you any more"),
    }
}

/// The badge. Without JavaScript there is no connection to speak of, and it is hidden.
#[component]
pub(crate) fn Badge() -> impl IntoView {
    let link = use_client().link;
    let state = move || link.get().to_string();
    view! {
        <span class="badge" role="status" data-state=state title=move || words(link.get()).1>
            <span class="dot" aria-hidden="true"></span>
            <span class="badge-word">{move || words(link.get()).0}</span>
            <span class="visually-hidden">{move || words(link.get()).1}</span>
        </span>
    }
}
