//! Section of the settings: change of the password.

use super::super::field::{Field, Kind};
use super::{Form, Said, Sheet};
use crate::components::PersonField;
use crate::i18n::t;
use leptos::prelude::*;

pub(super) fn section(sheet: &Sheet) -> impl IntoView {
    let wrong = |field| sheet.wrong(Form::Password, field);
    view! {
        <section id="password">
            <h2>{t!("account.password")}</h2>
            <form class="form" method="post" action="/settings/password">
                <PersonField me=sheet.person.id />
                <Said flash=sheet.said(Form::Password) />
                // Password managers need the name of the account.
                <input type="hidden" name="username" autocomplete="username" value=sheet.person.username.clone() />
                <Field
                    name="current"
                    label=t!("settings.current_password")
                    kind=Kind::Password
                    autocomplete="current-password"
                    wrong=wrong("current")
                    required=true
                />
                <Field
                    name="new"
                    label=t!("settings.new_password")
                    kind=Kind::Password
                    autocomplete="new-password"
                    rule=t!("account.password_rule")
                    wrong=wrong("new")
                    required=true
                    min=8
                />
                <p><button class="button plain">{t!("settings.change_password")}</button></p>
            </form>
        </section>
    }
}
