//! The chat client: one state for all views ([`store`]), kept live over a WebSocket or by long poll.
//!
//! [`connection`] is the state machine of the connection, plain Rust like [`backoff`] and [`visibility`]; [`driver`]
//! carries out its actions in the browser. Views read the state from [`chat_client`] and change it by [`commands`]. Nothing
//! here runs on the server, where effects and event handlers do not run: a page is rendered there once, from its initial
//! data.

mod announcements;
mod chat_client;
mod clipboard;
mod clock;
mod commands;
mod connection;
mod drafts;
mod driver;
mod lease;
mod poll_request;
mod renew_connections;
pub(crate) mod search_words;
mod socket;
mod status;
pub(crate) mod storage;
mod store;
mod timeout;
mod timing;
mod virtual_keyboard;
mod visibility;
mod web_locks;

pub(crate) use announcements::{headline, is_read};
pub(crate) use chat_client::{Client, use_client};
pub(crate) use clipboard::{can_copy, copy_text};
pub(crate) use clock::{now_ms, wall_clock};
pub(crate) use drafts::{Draft, draft_key};
pub(crate) use status::{ConnectionStatus, StopReason, StorageStatus};
pub(crate) use store::RoomPart;
pub(crate) use timing::TypingThrottle;
