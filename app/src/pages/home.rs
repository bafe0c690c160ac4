//! The list alone; on a wide screen, the place where a conversation will be.

use crate::client::use_client;
use crate::parts::Failure;
use crate::words::t;
use leptos::prelude::*;

/// `/`. Somebody without conversations is shown the way to the first.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let client = use_client();
    let any = Memo::new(move |_| client.read(|state| !state.rooms.is_empty()));
    view! {
        <div class="blank">
            <Failure />
            {move || {
                let (title, words) = if any.get() {
                    (t!("home.choose"), t!("home.choose_words"))
                } else {
                    (t!("home.begin"), t!("home.begin_words"))
                };
                view! {
                    <h1>{title}</h1>
                    <p>{words}</p>
                }
            }}
            <p><a class="button" href="/new">{t!("home.find")}</a></p>
        </div>
    }
}
