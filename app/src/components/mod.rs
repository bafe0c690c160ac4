//! The pieces that pages are made of, one component per file.

mod address;
mod announcer;
mod as_whom;
mod avatar;
mod back;
mod badge;
mod composer;
mod conversation;
mod conversation_head;
mod conversation_list;
mod details;
mod dialog;
mod emoji;
mod failure;
mod focus;
mod frame;
mod home;
mod jump;
mod keyboard;
mod keys;
mod list_item;
mod log;
mod menu;
mod message_list;
mod message_row;
mod not_found;
mod note;
mod presence;
mod reading;
mod receipts;
mod scroll;
mod server_page;
mod shortcuts;
mod side_foot;
mod side_head;
mod signed_out;
mod typing_line;
mod updated;

pub(crate) use address::{escape, with_next};
pub(crate) use announcer::announcer;
pub(crate) use as_whom::as_whom;
pub(crate) use avatar::avatar;
pub(crate) use back::back;
pub(crate) use badge::badge;
pub(crate) use conversation::conversation;
pub(crate) use conversation_list::conversation_list;
pub(crate) use dialog::show;
pub(crate) use failure::failure;
pub(crate) use focus::moved;
pub(crate) use frame::inside;
use home::home;
pub(crate) use jump::Jump;
pub(crate) use keyboard::listen;
use not_found::not_found;
use server_page::server_page;
pub(crate) use shortcuts::shortcuts;
pub(crate) use side_foot::side_foot;
pub(crate) use side_head::{fold, side_head};
pub(crate) use signed_out::signed_out;

/// A count of unread messages, as far as we count.
pub(crate) fn count(unread: u32) -> String {
    if unread >= protocol::limits::UNREAD_CAP { "99+".into() } else { unread.to_string() }
}
