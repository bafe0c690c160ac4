//! The list alone; on a wide screen, the place where a conversation will be.

use crate::client::use_client;
use crate::parts::Failure;
use crate::words::Place;
use leptos::prelude::*;

/// `/`.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let client = use_client();
    let any = Memo::new(move |_| client.read(|state| !state.rooms.is_empty()));
    view! {
        <div class="blank">
            <Failure place=Place::Elsewhere />
            <p>
                {move || {
                    if any.get() { "Choose a conversation." } else { "No conversations yet. Start one with somebody you know." }
                }}
            </p>
            <p><a class="button" href="/new">"New conversation"</a></p>
        </div>
    }
}
