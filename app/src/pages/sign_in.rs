//! Signing in.

use crate::parts::{Failure, Outside};
use crate::words::Place;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `/sign-in`.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let query = use_query_map();
    let next = move || query.read().get("next").unwrap_or_default();
    view! {
        <Outside title="Sign in">
            <form class="form" method="post" action="/sign-in">
                <Failure place=Place::SignIn />
                <input type="hidden" name="next" value=next />
                <label class="field">
                    <span>"Username"</span>
                    <input
                        name="username"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        maxlength="32"
                    />
                </label>
                <label class="field">
                    <span>"Password"</span>
                    <input type="password" name="password" autocomplete="current-password" required />
                </label>
                <button class="button">"Sign in"</button>
            </form>
            <p class="aside">
                "New here? "
                <a href=move || crate::parts::with_next("/register", &next())>"Register"</a>
            </p>
        </Outside>
    }
}
