//! Scopes of service keys.

use serde::{Deserialize, Serialize};

/// A part of the API that a service key may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Conversations about subjects of the product: open, read, update, close and reopen them.
    Subjects,
    /// Webhooks, to which events are sent.
    Webhooks,
    /// Administration: people, groups and service keys, also those with other scopes.
    Admin,
}

impl KeyScope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Subjects, Self::Webhooks, Self::Admin];

    /// The word of the scope on the wire and on the command line.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Subjects => "subjects",
            Self::Webhooks => "webhooks",
            Self::Admin => "admin",
        }
    }

    /// The scope with this word.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }
}
