//! The loaded stretch of a conversation: always the newest messages, back to somewhere.

use crate::Message;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Messages by `seq`, complete between the oldest one and the newest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The loaded messages.
    pub messages: BTreeMap<i64, Arc<Message>>,
    /// All changes up to here are applied.
    pub cursor: i64,
    /// Nothing older is to be had.
    pub at_start: bool,
}
