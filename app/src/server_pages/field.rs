//! Form field with label, rule and error text.

use crate::i18n::t;
use leptos::prelude::*;

/// Kind of input that a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text.
    #[default]
    Text,
    /// A username, without capitalisation and spelling correction of on-screen keyboards.
    Username,
    /// A password, with a button that reveals it.
    Password,
}

/// A field. `wrong`: the reason why its value was refused, which also gives it the focus.
#[component]
pub(super) fn Field(
    name: &'static str,
    label: String,
    #[prop(optional)] kind: Kind,
    autocomplete: &'static str,
    #[prop(optional, into)] text: String,
    #[prop(optional)] rule: Option<String>,
    #[prop(optional_no_strip)] wrong: Option<String>,
    #[prop(optional)] required: bool,
    #[prop(optional)] min: Option<usize>,
    #[prop(optional)] max: Option<usize>,
    /// Gives the field the focus.
    #[prop(optional)]
    next: bool,
) -> impl IntoView {
    let (username, password) = (kind == Kind::Username, kind == Kind::Password);
    let bad = wrong.is_some();
    let described = match (bad, rule.is_some()) {
        (true, _) => Some(format!("{name}-wrong")),
        (false, true) => Some(format!("{name}-rule")),
        (false, false) => None,
    };
    let reveal = password.then(|| {
        view! {
            <button class="reveal" r#type="button" hidden aria-pressed="false" aria-label=t!("account.show_typed")>
                <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
                    <path d="M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7-10-7-10-7z" />
                    <circle cx="12" cy="12" r="3" />
                    <path class="slash" d="M4 20 20 4" />
                </svg>
            </button>
        }
    });
    view! {
        <div class="field">
            <label r#for=name>{label}</label>
            <span class="input">
                <input
                    id=name
                    name=name
                    r#type=if password { "password" } else { "text" }
                    dir=match kind {
                        Kind::Text => Some("auto"),
                        Kind::Username => Some("ltr"),
                        Kind::Password => None,
                    }
                    autocomplete=autocomplete
                    autocapitalize=username.then_some("none")
                    spellcheck=(username || password).then_some("false")
                    value=text
                    required=required
                    minlength=min
                    maxlength=max
                    aria-invalid=bad.then_some("true")
                    aria-describedby=described
                    autofocus=bad || next
                />
                {reveal}
            </span>
            {match (wrong, rule) {
                (Some(wrong), _) => Some(view! { <small class="wrong" id=format!("{name}-wrong")>{wrong}</small> }.into_any()),
                (None, Some(rule)) => Some(view! { <small id=format!("{name}-rule")>{rule}</small> }.into_any()),
                (None, None) => None,
            }}
        </div>
    }
}
