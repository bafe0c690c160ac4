//! Components of the live pages, one `#[component]` with its small helpers per file.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

pub(crate) mod address;
mod announcer;
mod avatar;
mod back_link;
mod bot_badge;
mod connection_badge;
mod conversation;
mod copy_button;
mod dialog;
mod embed;
mod focus;
mod form_failure;
mod group_event;
mod home;
mod invitations;
mod keys;
mod layout;
mod log;
mod membership_actions;
mod new_conversation;
mod not_found;
mod notices;
mod notifications;
mod person_field;
mod popover;
mod preferences;
mod presence;
mod receipts;
mod server_page;
mod shortcuts_handler;
mod sidebar;
mod sign_out;
mod view_fn;

pub(crate) use avatar::{Avatar, Picture};
pub(crate) use back_link::BackLink;
pub(crate) use layout::{Layout, NoEntry};
pub(crate) use person_field::PersonField;
pub(crate) use receipts::Receipts;
pub(crate) use sign_out::SignOutForm;
#[cfg(feature = "ssr")]
pub(crate) use {
    avatar::Face,
    group_event::text as event_words,
    invitations::{group_name, group_picture, group_size},
    server_page::ServerPageRenderer,
};

/// A count of unread messages, as far as it is counted.
fn count(unread: u32) -> String {
    if unread >= protocol::limits::UNREAD_CAP { "99+".into() } else { unread.to_string() }
}
