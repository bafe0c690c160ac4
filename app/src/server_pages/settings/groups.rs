//! Section of the settings: whom the person lets add them to groups.

use super::{Form, Said, Sheet};
use crate::components::PersonField;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::AddableBy;

pub(super) fn section(sheet: &Sheet) -> impl IntoView {
    let kept = sheet.text(Form::Groups, "addable_by", sheet.preferences.addable_by.code());
    let choices = AddableBy::ALL.map(|choice| {
        let words = match choice {
            AddableBy::Everyone => t!("settings.addable_everyone"),
            AddableBy::Contacts => t!("settings.addable_contacts"),
            AddableBy::Nobody => t!("settings.addable_nobody"),
        };
        view! {
            <label class="option">
                <input r#type="radio" name="addable_by" value=choice.code() checked=choice.code() == kept />
                <span>{words}</span>
            </label>
        }
    });
    view! {
        <section id="groups">
            <h2>{t!("settings.groups")}</h2>
            <form class="form" method="post" action="/settings/groups">
                <PersonField me=sheet.person.id />
                <Said flash=sheet.said(Form::Groups) />
                <fieldset class="choice">
                    <legend>{t!("settings.addable_by")}</legend>
                    <div class="options">{choices.collect_view()}</div>
                </fieldset>
                <p class="quiet">{t!("settings.addable_why")}</p>
                <p><button class="button">{t!("settings.save")}</button></p>
            </form>
        </section>
    }
}
