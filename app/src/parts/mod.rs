//! The pieces that pages are made of, one component per file.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

mod address;
mod avatar;
mod badge;
mod composer;
mod conversation;
mod conversation_list;
mod emoji;
mod failure;
mod keys;
mod list_item;
mod log;
mod log_rows;
mod menu;
mod message_list;
mod message_row;
mod reading;
mod scroll;
mod signed_out;
mod typing_line;

pub(crate) use address::{escape, with_next};
pub(crate) use avatar::Avatar;
pub(crate) use badge::Badge;
pub(crate) use conversation::Conversation;
pub(crate) use conversation_list::ConversationList;
pub(crate) use failure::Failure;
pub(crate) use signed_out::SignedOut;

/// A count of unread messages, as far as we count.
pub(crate) fn count(unread: u32) -> String {
    if unread >= protocol::limits::UNREAD_CAP { "99+".into() } else { unread.to_string() }
}
