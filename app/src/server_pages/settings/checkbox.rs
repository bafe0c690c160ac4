//! A checkbox with its label and an explanation.

use super::{Form, Sheet};
use leptos::prelude::*;

/// A checkbox of a form; `kept`: whether it is checked unless the form was refused.
pub(super) fn checkbox(
    sheet: &Sheet,
    form: Form,
    name: &'static str,
    kept: bool,
    label: String,
    hint: Option<String>,
) -> impl IntoView {
    let checked = match sheet.said(form).filter(|flash| flash.refused.is_some()) {
        Some(refused) => refused.text(name).is_some_and(|text| !text.is_empty()),
        None => kept,
    };
    let described = hint.is_some().then(|| format!("{name}-hint"));
    view! {
        <label class="check">
            <input r#type="checkbox" name=name value="on" checked=checked aria-describedby=described.clone() />
            <span class="check-words">
                <span>{label}</span>
                {hint.map(|hint| view! { <small class="quiet" id=described>{hint}</small> })}
            </span>
        </label>
    }
}
