//! Making an account.

use crate::parts::{Failure, Outside};
use crate::words::Place;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// `/register`.
#[component]
pub(crate) fn Register() -> impl IntoView {
    let query = use_query_map();
    let next = move || query.read().get("next").unwrap_or_default();
    view! {
        <Outside title="Register">
            <form class="form" method="post" action="/register">
                <Failure place=Place::Register />
                <input type="hidden" name="next" value=next />
                <label class="field">
                    <span>"Username"</span>
                    <input
                        name="username"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        minlength="3"
                        maxlength="32"
                        aria-describedby="name-rule"
                    />
                    <small id="name-rule">"3 to 32 letters, digits, or _ . -"</small>
                </label>
                <div class="pair">
                    <label class="field">
                        <span>"First name"</span>
                        <input name="first_name" autocomplete="given-name" maxlength="80" />
                    </label>
                    <label class="field">
                        <span>"Last name"</span>
                        <input name="last_name" autocomplete="family-name" maxlength="80" />
                    </label>
                </div>
                <label class="field">
                    <span>"Password"</span>
                    <input
                        type="password"
                        name="password"
                        autocomplete="new-password"
                        required
                        minlength="8"
                        aria-describedby="password-rule"
                    />
                    <small id="password-rule">"8 characters or more"</small>
                </label>
                <button class="button">"Register"</button>
            </form>
            <p class="aside">
                "Been here before? "
                <a href=move || crate::parts::with_next("/sign-in", &next())>"Sign in"</a>
            </p>
        </Outside>
    }
}
