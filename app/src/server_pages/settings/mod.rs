//! One's own account: a sheet of sections, each a plain form that is answered by coming back here.

mod appearance;
mod password;
mod profile;
mod sign_ins;
mod zones;

use super::{Flash, Form};
use crate::datetime::{ReaderZone, Zone};
use crate::i18n::t;
use crate::server_pages::head::Head;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use protocol::{Person, Preferences, SignIn, Timestamp};
use std::sync::LazyLock;

/// Applies the appearance at once and asks before other changes are lost. Without it the buttons do.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("settings.js").lines().map(str::trim);
    lines.filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n")
});

/// What the sheet is made of.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The person whose settings these are.
    pub person: Person,
    /// How they want to be shown things.
    pub preferences: Preferences,
    /// Where they are signed in, this one first.
    pub sign_ins: Vec<SignIn>,
    /// The names of all time zones, in order.
    pub zones: &'static [String],
    /// The server's clock.
    pub now: Timestamp,
    /// How the form went that was sent from here.
    pub flash: Option<Flash>,
}

impl Sheet {
    /// What was said about this form.
    fn said(&self, form: Form) -> Option<Flash> {
        self.flash.clone().filter(|flash| flash.form == form)
    }

    /// Why this field of it was refused.
    fn wrong(&self, form: Form, field: &str) -> Option<String> {
        let flash = self.said(form).filter(|flash| flash.field.as_deref() == Some(field))?;
        Some(flash.words())
    }

    /// What was typed into a field of it before it was refused, else what is kept.
    fn text(&self, form: Form, field: &str, kept: &str) -> String {
        let typed = self.said(form).and_then(|flash| flash.text(field));
        typed.unwrap_or_else(|| kept.to_owned())
    }
}

/// The sheet, as HTML.
pub(super) fn settings(sheet: &Sheet) -> String {
    let zone = Zone::Known(StoredValue::new(use_context::<ReaderZone>().unwrap_or_default()));
    view! {
        <Head title=t!("found.settings") />
        <div class="sheet settings" data-unsaved=t!("settings.unsaved")>
            {profile::section(sheet)} {appearance::section(sheet)} {password::section(sheet)}
            {sign_ins::section(sheet, zone)}
        </div>
        <script r#type="module" nonce=use_nonce()>{SCRIPT.as_str()}</script>
    }
    .into_view()
    .to_html()
}

/// How the form went, where no field of it is to blame.
#[component]
fn Said(flash: Option<Flash>) -> impl IntoView {
    flash.filter(|flash| flash.field.is_none()).map(|flash| {
        let (class, role) =
            if flash.refused.is_some() { ("notice bad", "alert") } else { ("notice good", "status") };
        view! { <p class=class role=role>{flash.words()}</p> }
    })
}
