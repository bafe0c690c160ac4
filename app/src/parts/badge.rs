//! How the connection stands, in colour and in words.

use crate::client::use_client;
use crate::live::{LinkState, Stop};
use crate::words::t;
use leptos::prelude::*;

/// A word, and where there is more to say, that.
pub(super) fn words(state: LinkState) -> (String, String) {
    match state {
        LinkState::Connecting => (t!("badge.connecting"), String::new()),
        LinkState::Connected => (t!("badge.connected"), String::new()),
        LinkState::Reconnecting { .. } => (t!("badge.reconnecting"), t!("badge.kept_server")),
        LinkState::Polling => (t!("badge.polling"), t!("badge.up_to_date")),
        LinkState::Offline => (t!("badge.offline"), t!("badge.kept_back")),
        LinkState::Stopped(Stop::SignedOut) => (t!("badge.failed"), t!("badge.signed_out")),
        LinkState::Stopped(Stop::Malformed) => (t!("badge.failed"), t!("badge.malformed")),
        LinkState::Stopped(Stop::Gone) => (t!("badge.failed"), t!("badge.gone")),
    }
}

/// The badge. Without JavaScript there is no connection to speak of, and it is hidden. Changes are spoken by the
/// announcer.
#[component]
pub(crate) fn Badge() -> impl IntoView {
    let link = use_client().link;
    view! {
        <div class="badge" data-state=move || link.get().to_string() title=move || words(link.get()).1>
            <span class="dot" aria-hidden="true"></span>
            {move || {
                let (word, why) = words(link.get());
                view! {
                    <span class="badge-word">{word}</span>
                    {(!why.is_empty()).then(|| view! { <span class="badge-why">{why}</span> })}
                }
            }}
        </div>
    }
}
