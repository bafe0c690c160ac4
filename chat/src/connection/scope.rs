//! Scope of a connection.

use protocol::ConversationId;

/// The conversations that a connection serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All conversations of the person (`/ws/`).
    All,
    /// A single conversation (`/ws/chat/<id>/`).
    One(ConversationId),
}

impl Scope {
    /// The id of the single conversation, if the scope is not all of them.
    pub(crate) fn one(self) -> Option<ConversationId> {
        match self {
            Self::All => None,
            Self::One(id) => Some(id),
        }
    }
}
