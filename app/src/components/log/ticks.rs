//! Progress of a message on its way to the other members.

use crate::i18n::t;
use protocol::reducer::{PendingState, Receipt, Room, Row};
use protocol::{MessageType, UserId};

/// Progress of a message, as styles and tests know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// A message of somebody else.
    Theirs,
    /// Sent, and not acknowledged yet.
    Pending,
    /// Refused for good.
    Failed,
    /// Durable, with the lowest receipt of all other members.
    At(Receipt),
}

impl Progress {
    /// The progress of a row; `me`: the reader.
    pub(super) fn of(row: &Row, room: Option<&Room>, me: UserId) -> Self {
        match row {
            Row::Pending(pending) if matches!(pending.state, PendingState::Refused(_)) => Self::Failed,
            Row::Pending(_) => Self::Pending,
            Row::Message(message)
                if message.sender.id != me || message.message_type == MessageType::System =>
            {
                Self::Theirs
            }
            Row::Message(message) => {
                Self::At(room.map_or(Receipt::Sent, |room| room.receipt(message.seq, me)))
            }
        }
    }

    /// The progress in a word; `None` for a message of somebody else.
    pub(super) fn word(self) -> Option<String> {
        Some(match self {
            Self::Theirs => return None,
            Self::Pending => t!("message.sending"),
            Self::Failed => t!("message.not_sent"),
            Self::At(Receipt::Sent) => t!("message.sent"),
            Self::At(Receipt::Delivered) => t!("message.delivered"),
            Self::At(Receipt::Read) => t!("message.read"),
        })
    }

    /// Value of `data-state`.
    pub(super) fn code(self) -> Option<&'static str> {
        match self {
            Self::Theirs => None,
            Self::Pending => Some("pending"),
            Self::Failed => Some("failed"),
            Self::At(Receipt::Sent) => Some("sent"),
            Self::At(Receipt::Delivered) => Some("delivered"),
            Self::At(Receipt::Read) => Some("read"),
        }
    }
}
