//! Pages and parts of pages that the server alone makes: what nobody needs while they talk is not in the WASM. They
//! work by plain forms and links; the little that script adds stands in `document`.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

mod common_head;
mod demo;
mod document;
mod field;
mod head;
mod no_page;
mod outside;
mod receipts;
mod register;
mod settings;
mod sign_in;

pub use crate::flash::{Flash, Form};
pub(crate) use common_head::CommonHead;
pub use demo::Demo;
pub(crate) use demo::DemoNotice;
pub use no_page::{NoPage, no_page};
pub use register::register;
pub use settings::Sheet;
use settings::settings;
pub use sign_in::sign_in;

use crate::i18n::t;
use crate::initial_data::server::PageData;
use leptos::prelude::use_context;

/// What a page before the sign-in is made for.
#[derive(Clone, Debug, Default)]
pub struct Coming {
    /// Where to go afterwards.
    pub next: String,
    /// How the form went that was sent from this page.
    pub flash: Option<Flash>,
}

impl Coming {
    /// What was typed into a field, before it was refused.
    fn text(&self, field: &str) -> String {
        self.flash.as_ref().and_then(|flash| flash.text(field)).unwrap_or_default()
    }

    /// Why this field was refused.
    fn wrong(&self, field: &str) -> Option<String> {
        let flash = self.flash.as_ref().filter(|flash| flash.field.as_deref() == Some(field))?;
        Some(flash.words())
    }

    /// Why the form was refused, where no field is to blame.
    fn refused(&self) -> Option<String> {
        let flash = self.flash.as_ref().filter(|flash| flash.field.is_none())?;
        Some(flash.words())
    }
}

/// What stands at the address that was asked for, as HTML: the sheet of a page in the frame.
pub(crate) fn sheet() -> String {
    let receipts = use_context::<PageData>().and_then(|data| data.receipts);
    match (receipts, use_context::<Sheet>()) {
        (Some(receipts), _) => receipts::receipts(receipts),
        (None, Some(sheet)) => settings(&sheet),
        (None, None) => String::new(),
    }
}

/// The title of a page.
fn titled(title: &str) -> String {
    t!("outside.page_title", title = title)
}
