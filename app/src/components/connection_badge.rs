//! Badge that shows the status of the connection.

use super::view_fn::view_fn;
use crate::client::{ConnectionStatus, StopReason, use_client};
use crate::i18n::t;
use leptos::prelude::*;

/// A word, and what it means for the reader where there is more to say.
pub(super) fn status_words(status: ConnectionStatus) -> (String, String) {
    match status {
        ConnectionStatus::Connecting => (t!("connection.connecting"), String::new()),
        ConnectionStatus::Connected => (t!("connection.connected"), String::new()),
        ConnectionStatus::Reconnecting => (t!("connection.reconnecting"), t!("connection.reconnecting.why")),
        ConnectionStatus::Polling => (t!("connection.polling"), t!("connection.polling.why")),
        ConnectionStatus::Offline => (t!("connection.offline"), t!("connection.offline.why")),
        ConnectionStatus::Stopped(reason) => (
            t!("connection.failed"),
            match reason {
                StopReason::SignedOut => t!("connection.failed.signed_out"),
                StopReason::OtherPerson => t!("connection.failed.somebody_else"),
                StopReason::Malformed | StopReason::Refused => t!("connection.failed.malformed"),
                StopReason::Gone => t!("connection.failed.gone"),
            },
        ),
    }
}

/// The badge over a page that is no conversation, at the end of its head. The list's badge steps back beside it.
#[component]
pub(crate) fn PageBadge() -> impl IntoView {
    view! {
        <div class="sheet-badge">
            <Badge />
        </div>
    }
}

/// The badge. Without JavaScript there is no connection, and it is hidden. Changes are spoken by the announcer.
#[component]
pub(crate) fn Badge() -> impl IntoView {
    let status = use_client().status;
    let why = Signal::derive(move || status_words(status.get()).1);
    view! {
        <div class="badge" data-state=Signal::derive(move || status.get().to_string()) title=why>
            <span class="dot" aria-hidden="true"></span>
            <span class="badge-word">{Signal::derive(move || status_words(status.get()).0)}</span>
            {view_fn(move || Some(why.get()).filter(|why| !why.is_empty()).map(|why| view! { <span class="badge-why">{why}</span> }))}
        </div>
    }
}
