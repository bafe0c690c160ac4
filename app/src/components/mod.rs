//! Components of the live pages, one `#[component]` with its small helpers per file.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

pub(crate) mod address;
mod announcer;
mod avatar;
mod back_link;
mod badge;
mod conversation;
mod dialog;
mod focus;
mod form_failure;
mod frame;
mod home;
mod keys;
mod log;
mod new_conversation;
mod not_found;
mod notices;
mod person_field;
mod presence;
mod receipts;
mod server_page;
mod shortcuts_handler;
mod sidebar;
mod sign_out;
mod view_fn;

pub(crate) use avatar::Avatar;
pub(crate) use back_link::BackLink;
pub(crate) use frame::{Frame, NoEntry};
pub(crate) use person_field::PersonField;
pub(crate) use receipts::Receipts;
#[cfg(feature = "ssr")]
pub(crate) use server_page::ServerPageRenderer;
pub(crate) use sign_out::SignOutForm;

/// A count of unread messages, as far as it is counted.
fn count(unread: u32) -> String {
    if unread >= protocol::limits::UNREAD_CAP { "99+".into() } else { unread.to_string() }
}
