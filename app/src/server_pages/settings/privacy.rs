//! Section of the settings: what others see of the person.

use super::checkbox::checkbox;
use super::{Form, Said, Sheet};
use crate::components::PersonField;
use crate::i18n::t;
use leptos::prelude::*;

pub(super) fn section(sheet: &Sheet) -> impl IntoView {
    let kept = &sheet.preferences;
    let check = |name, kept, label, hint| checkbox(sheet, Form::Privacy, name, kept, label, Some(hint));
    view! {
        <section id="privacy">
            <h2>{t!("settings.privacy")}</h2>
            <form class="form" method="post" action="/settings/privacy">
                <PersonField me=sheet.person.id />
                <Said flash=sheet.said(Form::Privacy) />
                <div class="choice">
                    {check(
                        "show_typing",
                        kept.show_typing,
                        t!("settings.show_typing"),
                        t!("settings.show_typing_hint"),
                    )}
                    {check(
                        "send_read_receipts",
                        kept.send_read_receipts,
                        t!("settings.send_read_receipts"),
                        t!("settings.send_read_receipts_hint"),
                    )}
                </div>
                <p><button class="button">{t!("settings.save")}</button></p>
            </form>
        </section>
    }
}
