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
        <Outside title=t!("sign_in.register") description=t!("page.description")>
            <form class="form" method="post" action="/register">
                <Refused words=coming.refused() />
                <input type="hidden" name="next" value=coming.next.clone() />
                <input type="hidden" name="cookies" value="set" />
                <Field
                    name="username"
                    label=t!("account.username")
                    kind=Kind::Username
                    autocomplete="username"
                    text=coming.text("username")
                    rule=t!("account.username_rule")
                    wrong=coming.wrong("username")
                    required=true
                    next=coming.flash.is_none()
                />
                <div class="pair">
                    <Field
                        name="first_name"
                        label=t!("account.first_name")
                        autocomplete="given-name"
                        text=coming.text("first_name")
                        wrong=coming.wrong("first_name")
                    />
                    <Field
                        name="last_name"
                        label=t!("account.last_name")
                        autocomplete="family-name"
                        text=coming.text("last_name")
                        wrong=coming.wrong("last_name")
                    />
                </div>
                <Field
                    name="password"
                    label=t!("account.password")
                    kind=Kind::Password
                    autocomplete="new-password"
                    rule=t!("account.password_rule")
                    wrong=coming.wrong("password")
                    required=true
                    min=8
                />
                <button class="button">{t!("sign_in.register")}</button>
            </form>
            <p class="aside">{t!("sign_in.been_here")} " " <a href=sign_in>{t!("sign_in.title")}</a></p>
        </Outside>
    }
}
