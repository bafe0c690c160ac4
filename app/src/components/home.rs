//! The list alone; on a wide screen, the place where a conversation will be.

use super::form_failure::FormFailure;
use crate::client::use_client;
use crate::i18n::t;
use leptos::prelude::*;

/// `/`. A person without conversations is shown the way to the first.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let client = use_client();
    let is_empty = Memo::new(move |_| client.list(|state| state.rooms.is_empty()));
    let title = move || if is_empty.get() { t!("home.begin") } else { t!("home.choose") };
    let words = move || if is_empty.get() { t!("home.begin_words") } else { t!("home.choose_words") };
    view! {
        <div class="blank">
            <FormFailure />
            <h1>{Signal::derive(title)}</h1>
            <p>{Signal::derive(words)}</p>
            <p>
                <a class="button" href="/new">
                    {t!("home.find")}
                </a>
            </p>
        </div>
    }
}
