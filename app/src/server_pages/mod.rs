//! Pages that the server renders alone, so that the WASM does not carry them: sign-in, registration, settings,
//! receipts, errors. They work by plain forms and links; their few scripts are in `document.rs` and `settings/`.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

mod api_reference;
mod common_head;
mod demo;
mod document;
mod embed_start;
mod field;
mod head;
mod incoming_webhooks;
mod join;
mod moderation;
mod no_page;
mod outside;
mod push_words;
mod receipts;
mod register;
mod settings;
mod sign_in;

pub use crate::flash::{Flash, Form};
pub use api_reference::{
    ApiField, ApiOperation, ApiReference, ApiSchema, ApiType, ApiTypePart, api_reference,
};
pub(crate) use common_head::{CommonHead, joined};
pub use demo::Demo;
pub(crate) use demo::DemoNotice;
pub use embed_start::{EmbedStart, embed_start};
pub use incoming_webhooks::{IncomingWebhooks, incoming_webhooks};
pub use join::{CreatedLink, Join, created_link, join};
pub use moderation::{Moderation, ModerationConversation, ModerationList, ModerationReason, moderation};
pub use no_page::{NoPage, no_page};
pub use push_words::push_words;
pub use register::register;
pub use settings::Sheet;
use settings::settings;
pub use sign_in::sign_in;

use crate::i18n::t;
use crate::initial_data::server::PageData;
use leptos::prelude::use_context;
use protocol::UserId;

/// Context of the sign-in page and the registration page.
#[derive(Clone, Debug, Default)]
pub struct Coming {
    /// Path to go to after the sign-in.
    pub next: String,
    /// Outcome of the form that was sent from this page.
    pub flash: Option<Flash>,
    /// The message that was sent without a sign-in.
    pub unsent: Option<Unsent>,
    /// Whether a form that was sent without a sign-in is filled in again after it.
    pub unsaved: bool,
    /// Whether the browser did not return the cookie that the page set.
    pub cookies_lost: bool,
}

/// A message that a plain form sent without a sign-in. The sign-in form carries it, and the conversation shows it afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The user whose page sent it, as the form claims.
    pub user: UserId,
    /// Text as typed.
    pub content: String,
    /// The `client_id` of the form; may be empty.
    pub client_id: String,
}

impl Coming {
    /// Text that was typed into a field of the refused form.
    fn text(&self, field: &str) -> String {
        self.flash.as_ref().and_then(|flash| flash.text(field)).unwrap_or_default()
    }

    /// Reason why this field was refused.
    fn wrong(&self, field: &str) -> Option<String> {
        let flash = self.flash.as_ref().filter(|flash| flash.field.as_deref() == Some(field))?;
        Some(flash.words())
    }

    /// Reason why the form was refused, unless it is about one field.
    fn refused(&self) -> Option<String> {
        if self.cookies_lost {
            return Some(t!("form.no_cookies"));
        }
        let flash = self.flash.as_ref().filter(|flash| flash.field.is_none())?;
        Some(flash.words())
    }
}

/// Renders the HTML of the page in the layout at the requested address; empty where that page has client code.
pub(crate) fn sheet() -> String {
    let receipts = use_context::<PageData>().and_then(|data| data.receipts);
    match (receipts, use_context::<Sheet>()) {
        (Some(receipts), _) => receipts::receipts(receipts),
        (None, Some(sheet)) => settings(&sheet),
        (None, None) => String::new(),
    }
}

/// Document title of a page.
fn titled(title: &str) -> String {
    t!("page.title", title = title)
}
