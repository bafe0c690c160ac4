//! How the connection stands, in colour and in words.

use crate::client::Client;
use crate::client::{LinkState, Stop};
use crate::i18n::t;
use crate::markup::{Markup, markup};
use leptos::prelude::Get;

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
pub(crate) fn badge(client: Client) -> Markup {
    let state = client.link.get();
    let (word, why) = words(state);
    let more = (!why.is_empty()).then(|| markup!("<span class='badge-why'>~</span>", why));
    markup!(
        "<div class='badge' data-state='~' title='~'><span class='dot' aria-hidden='true'></span>\
         <span class='badge-word'>~</span>~</div>",
        state.to_string(),
        why,
        word,
        more
    )
}
