//! One's own account.

use crate::client::use_client;
use crate::parts::{Failure, Head};
use crate::words::Place;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `/account`.
#[component]
pub(crate) fn Account() -> impl IntoView {
    let client = use_client();
    let (name, username) = client.peek(|state| (state.me.display_name(), state.me.username.clone()));
    let query = use_query_map();
    let done = move || query.read().get("changed").is_some();
    view! {
        <Head title="Account" />
        <div class="sheet">
            <section>
                <h2>{name}</h2>
                <p class="quiet">{format!("@{username}")}</p>
            </section>
            <section>
                <h2>"Password"</h2>
                <form class="form" method="post" action="/password">
                    <Failure place=Place::Password />
                    <Show when=done>
                        <p class="notice good" role="status">"Your password is changed. Other devices are signed out."</p>
                    </Show>
                    <input type="hidden" name="username" autocomplete="username" value=username.clone() />
                    <label class="field">
                        <span>"Current password"</span>
                        <input type="password" name="current" autocomplete="current-password" required />
                    </label>
                    <label class="field">
                        <span>"New password"</span>
                        <input type="password" name="new" autocomplete="new-password" required minlength="8" />
                    </label>
                    <button class="button">"Change password"</button>
                </form>
            </section>
            <section>
                <h2>"Sign out"</h2>
                <div class="row">
                    <form method="post" action="/sign-out">
                        <button class="button plain">"Sign out"</button>
                    </form>
                    <form method="post" action="/sign-out-everywhere">
                        <button class="button plain">"Sign out everywhere"</button>
                    </form>
                </div>
            </section>
        </div>
    }
}
