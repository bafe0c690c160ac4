//! Sign-in page.

use super::Coming;
use super::field::{Field, Kind};
use super::outside::{Outside, Refused};
use crate::components::address::with_next;
use crate::i18n::t;
use leptos::prelude::*;

/// Renders `/sign-in`.
pub fn sign_in(coming: Coming) -> impl IntoView {
    let register = with_next("/register", &coming.next);
    // After a refusal the name is filled in, and the password has the focus.
    let again = coming.flash.is_some();
    view! {
        <Outside title=t!("sign_in.title") description=t!("page.description")>
            <form class="form" method="post" action="/sign-in">
                <Refused words=coming.refused() />
                <input type="hidden" name="next" value=coming.next.clone() />
                <input type="hidden" name="cookies" value="set" />
                {coming.unsaved.then(|| view! { <p class="notice">{t!("sign_in.unsaved")}</p> })}
                {coming.unsent.clone().map(|unsent| view! {
                    <p class="notice">{t!("sign_in.unsent")}</p>
                    <input type="hidden" name="unsent_by" value=unsent.user.to_string() />
                    <input type="hidden" name="unsent_id" value=unsent.client_id />
                    <input type="hidden" name="unsent" value=unsent.content />
                })}
                <Field
                    name="username"
                    label=t!("account.username")
                    kind=Kind::Username
                    autocomplete="username"
                    text=coming.text("username")
                    required=true
                    max=32
                    next=!again
                />
                <Field
                    name="password"
                    label=t!("account.password")
                    kind=Kind::Password
                    autocomplete="current-password"
                    required=true
                    next=again
                />
                <button class="button">{t!("sign_in.title")}</button>
            </form>
            <p class="aside">{t!("sign_in.new_here")} " " <a href=register>{t!("sign_in.register")}</a></p>
        </Outside>
    }
}
