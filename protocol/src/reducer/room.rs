//! One conversation on a client.

use super::{Pending, Timeline};
use crate::{Conversation, Message, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A conversation: its entry in the list and, when it is open, its timeline.
#[derive(Clone, Debug)]
pub struct Room {
    /// Its entry in the list, kept live: preview, unread, members with their receipts.
    pub summary: Conversation,
    /// The loaded stretch of messages, once opened.
    pub timeline: Option<Timeline>,
    /// Who is typing: username and when it runs out (milliseconds of the caller's clock). Never oneself.
    pub typing: BTreeMap<UserId, (String, u64)>,
    /// Unacknowledged messages, in order.
    pub outbox: Vec<Pending>,
}

/// How far an own message is with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receipt {
    /// Durable.
    Sent,
    /// On a device of every other member.
    Delivered,
    /// Read by every other member.
    Read,
}

/// One row on screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A message that the server has.
    Message(Arc<Message>),
    /// One on its way. It has the key of the message it will become (`client_id`).
    Pending(Pending),
}
