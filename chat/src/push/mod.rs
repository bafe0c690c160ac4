//! Web push (RFC 8030): tells people who are not using the chat of their unread messages.
//!
//! A push is a hint, and the database is the truth. After a commit the writer gives the conversations that changed to one task
//! (`hints`, `task`). Two seconds later, so that an open client can mark messages as read, the task reads for each member
//! with a subscription what is unread since the subscription's `pushed_at`, decides (`look`, `decide`), claims the subscription, so that
//! one node sends at a time, sends (`send`, `delivery`), and moves `pushed_at`. At the start it looks at everybody once, and at
//! intervals for messages that no node looked at (`sweep`), so that a crash loses nothing.

mod agenda;
mod backoff;
mod decide;
mod delivery;
mod gateway;
mod hints;
mod keys;
mod look;
mod message;
mod progress;
mod send;
mod subscription;
mod sweep;
mod task;

pub use crate::store::PushKind;
pub use gateway::{PushGateway, PushRequest, PushResponse, PushTransport, PushWords};
pub(crate) use hints::Hints;
pub use keys::VapidKeys;
pub(crate) use look::Looker;
pub use message::{PushNotice, PushText};
pub(crate) use subscription::{invalid, parse};
pub(crate) use task::start;
