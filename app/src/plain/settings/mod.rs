//! One's own account: a sheet of sections, each a plain form that is answered by coming back here.

mod password;

use super::{Flash, Form};
use crate::plain::head::Head;
use crate::words::t;
use leptos::prelude::*;
use protocol::Person;

/// What the sheet is made of.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Whose.
    pub person: Person,
    /// How the form went that was sent from here.
    pub flash: Option<Flash>,
}

impl Sheet {
    /// What was said about this form.
    fn said(&self, form: Form) -> Option<&Flash> {
        self.flash.as_ref().filter(|flash| flash.form == form)
    }

    /// Why this field of it was refused.
    fn wrong(&self, form: Form, field: &str) -> Option<String> {
        let flash = self.said(form).filter(|flash| flash.field.as_deref() == Some(field))?;
        Some(flash.words())
    }
}

/// The sheet, as HTML.
pub(super) fn settings(sheet: &Sheet) -> String {
    view! {
        <Head title=t!("found.settings") />
        <div class="sheet settings">{password::section(sheet)}</div>
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
