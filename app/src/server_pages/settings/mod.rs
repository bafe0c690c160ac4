//! Settings page: one section for each form, which redirects back to this page.

mod appearance;
mod checkbox;
mod device;
mod groups;
mod moderation;
mod notifications;
mod password;
mod privacy;
mod profile;
mod push;
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

/// Script that applies the appearance at once, keeps the settings of the device, and asks before other changes are lost. Without
/// it the reader uses the buttons.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let scripts = [include_str!("settings.js"), include_str!("device.js")];
    let lines =
        scripts.into_iter().flat_map(str::lines).chain(include_str!("push.js").lines()).map(str::trim);

    lines.filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n")
});

/// Data of the settings page.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The person whose settings these are.
    pub person: Person,
    /// The person's preferences.
    pub preferences: Preferences,
    /// Sign-ins of the account, the current one first.
    pub sign_ins: Vec<SignIn>,
    /// IANA names of all time zones, sorted.
    pub zones: &'static [String],
    /// Clock of the server.
    pub now: Timestamp,
    /// Outcome of the form that was sent from this page.
    pub flash: Option<Flash>,
    /// Whether the person moderates conversations.
    pub moderates: bool,
}

impl Sheet {
    /// Outcome of this form, if it was the one that was sent.
    fn said(&self, form: Form) -> Option<Flash> {
        self.flash.clone().filter(|flash| flash.form == form)
    }

    /// Reason why this field of the form was refused.
    fn wrong(&self, form: Form, field: &str) -> Option<String> {
        let flash = self.said(form).filter(|flash| flash.field.as_deref() == Some(field))?;
        Some(flash.words())
    }

    /// Text of a field: as typed if the form was refused, else the stored value.
    fn text(&self, form: Form, field: &str, kept: &str) -> String {
        let typed = self.said(form).and_then(|flash| flash.text(field));
        typed.unwrap_or_else(|| kept.to_owned())
    }
}

/// Renders the page as HTML.
pub(super) fn settings(sheet: &Sheet) -> String {
    let zone = Zone::Known(StoredValue::new(use_context::<ReaderZone>().unwrap_or_default()));
    view! {
        <Head title=t!("found.settings") />
        <div class="sheet settings" data-unsaved=t!("settings.unsaved")>
            {sheet.moderates.then(moderation::section)} {profile::section(sheet)} {appearance::section(sheet)} {notifications::section(sheet)}
            {device::section()} {push::section(sheet)} {privacy::section(sheet)} {groups::section(sheet)}
             {password::section(sheet)}
            {sign_ins::section(sheet, zone)}
        </div>
        <script r#type="module" nonce=use_nonce()>{SCRIPT.as_str()}</script>
    }
    .into_view()
    .to_html()
}

/// Notice with the outcome of a form. A refusal that is about one field is shown at that field.
#[component]
fn Said(flash: Option<Flash>) -> impl IntoView {
    flash.filter(|flash| flash.field.is_none()).map(|flash| {
        let (class, role) =
            if flash.refused.is_some() { ("notice bad", "alert") } else { ("notice good", "status") };
        view! { <p class=class role=role>{flash.words()}</p> }
    })
}
