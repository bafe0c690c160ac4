//! Ids: integers from 1, below 2⁵³ so that JavaScript holds them exactly. Their order has no meaning.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// The id of an account, 1 to 2⁵³ − 1. Ids are unordered.
    UserId
);
id!(
    /// The id of a conversation, 1 to 2⁵³ − 1. Ids are unordered.
    ConversationId
);
id!(
    /// The id of a message, 1 to 2⁵³ − 1, unique within the whole installation. Ids are unordered: `seq` is the order.
    MessageId
);
id!(
    /// The id of an invitation that waits for an answer, 1 to 2⁵³ − 1. Ids are unordered.
    InvitationId
);
id!(
    /// The id of a link by which people join a group, 1 to 2⁵³ − 1. Ids are unordered.
    InvitationLinkId
);

/// The id that a client gives a message before sending it: a UUIDv7. Together with the sender it is unique for ever,
/// so that a repeated message is recognised over any transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct ClientId(pub uuid::Uuid);

impl ClientId {
    /// A new id, from the clock and random bits.
    #[must_use]
    pub fn mint() -> Self {
        Self(uuid::Uuid::now_v7())
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ClientId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
