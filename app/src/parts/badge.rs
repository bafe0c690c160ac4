//! How the connection stands, in colour and in words.

use crate::client::use_client;
use crate::live::{LinkState, Stop};
use crate::words::t;
use leptos::prelude::*;

/// A word, and what it means for the reader where there is more to say.
pub(super) fn words(state: LinkState) -> (String, String) {
    match state {
        LinkState::Connecting => (t!("link.connecting"), String::new()),
        LinkState::Connected => (t!("link.connected"), String::new()),
        LinkState::Reconnecting => (t!("link.reconnecting"), t!("link.reconnecting.why")),
        LinkState::Polling => (t!("link.polling"), t!("link.polling.why")),
        LinkState::Offline => (t!("link.offline"), t!("link.offline.why")),
        LinkState::Stopped(why) => (
            t!("link.failed"),
            match why {
                Stop::SignedOut => t!("link.failed.signed_out"),
                Stop::SomebodyElse => t!("link.failed.somebody_else"),
                Stop::Malformed => t!("link.failed.malformed"),
                Stop::Gone => t!("link.failed.gone"),
            },
        ),
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
