//! The level of notifications of a conversation.

use serde::{Deserialize, Serialize};

/// The messages of a conversation that a member is notified of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationLevel {
    /// As the person's preferences say.
    #[default]
    Default,
    /// All messages.
    All,
    /// Mentions alone.
    Mentions,
    /// No message.
    Nothing,
}

impl NotificationLevel {
    /// All levels, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Default, Self::All, Self::Mentions, Self::Nothing];

    /// Whether it is that of the preferences.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::Default
    }

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::All => "all",
            Self::Mentions => "mentions",
            Self::Nothing => "nothing",
        }
    }
}
