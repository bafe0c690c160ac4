//! Sign-out of this browser, and the question before it if something is unsent. `server_pages/sign_out.js` asks it, in every
//! page, before the client runs.

use super::PersonField;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::UserId;

/// Form that signs this browser out. `action`: `/sign-out` or `/sign-out-everywhere`. The children are its button.
#[component]
pub(crate) fn SignOutForm(action: &'static str, me: UserId, children: Children) -> impl IntoView {
    view! {
        <form method="post" action=action data-sign-out="">
            <PersonField me />
            {children()}
        </form>
    }
}

/// Question that the script asks, once in a page.
#[component]
pub(crate) fn ConfirmSignOut() -> impl IntoView {
    view! {
        <dialog
            class="dialog confirm"
            id="confirm-sign-out"
            role="alertdialog"
            aria-labelledby="sign-out-title"
            aria-describedby="sign-out-why"
        >
            <h2 id="sign-out-title">{t!("dialog.sign_out_title")}</h2>
            <p id="sign-out-why">{t!("dialog.sign_out_why")}</p>
            <form class="buttons" method="dialog">
                <button class="button plain">{t!("dialog.cancel")}</button>
                <button class="button danger" value="confirmed">{t!("dialog.sign_out_confirm")}</button>
            </form>
        </dialog>
    }
}
