//! Preference of a person about being added to groups.

use serde::{Deserialize, Serialize};

/// Whom a person lets add them to groups. Everybody else can only invite them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AddableBy {
    /// Everybody who is registered.
    Everyone,
    /// The people they talk with: who is in a group with them, and whom they have written to directly.
    #[default]
    Contacts,
    /// Nobody: everybody can only invite them.
    Nobody,
}

impl AddableBy {
    /// All values, from the most permissive to the least.
    pub const ALL: [Self; 3] = [Self::Everyone, Self::Contacts, Self::Nobody];

    /// The value on the wire and in forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Contacts => "contacts",
            Self::Nobody => "nobody",
        }
    }

    /// The value with this code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.code() == code)
    }
}
