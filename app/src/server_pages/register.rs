//! Registration page.

use super::Coming;
use super::field::{Field, Kind};
use super::outside::{Outside, Refused};
use crate::components::address::with_next;
use crate::i18n::t;
use leptos::prelude::*;

/// Renders `/register`. The server refuses values that are too long and gives the reason; a `maxlength` would cut them
/// silently.
pub fn register(coming: Coming) -> impl IntoView {
    let sign_in = with_next("/sign-in", &coming.next);
    view! {
        <Outside title=t!("outside.register") description=t!("outside.description")>
            <form class="form" method="post" action="/register">
                <Refused words=coming.refused() />
                <input type="hidden" name="next" value=coming.next.clone() />
                <input type="hidden" name="cookies" value="set" />
                <Field
                    name="username"
                    label=t!("outside.username")
                    kind=Kind::Username
                    autocomplete="username"
                    text=coming.text("username")
                    rule=t!("outside.username_rule")
                    wrong=coming.wrong("username")
                    required=true
                    next=coming.flash.is_none()
                />
                <div class="pair">
                    <Field
                        name="first_name"
                        label=t!("outside.first_name")
                        autocomplete="given-name"
                        text=coming.text("first_name")
                        wrong=coming.wrong("first_name")
                    />
                    <Field
                        name="last_name"
                        label=t!("outside.last_name")
                        autocomplete="family-name"
                        text=coming.text("last_name")
                        wrong=coming.wrong("last_name")
                    />
                </div>
                <Field
                    name="password"
                    label=t!("outside.password")
                    kind=Kind::Password
                    autocomplete="new-password"
                    rule=t!("outside.password_rule")
                    wrong=coming.wrong("password")
                    required=true
                    min=8
                />
                <button class="button">{t!("outside.register")}</button>
            </form>
            <p class="aside">{t!("outside.been_here")} " " <a href=sign_in>{t!("outside.sign_in")}</a></p>
        </Outside>
    }
}
