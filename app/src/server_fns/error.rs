//! The error of all server functions.

use protocol::{ErrorBody, ErrorCode};
use serde::{Deserialize, Serialize};

/// Error of a server function: a refusal by the server, or no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestError {
    /// Refusal of the server; made by the client where there was no answer.
    pub error: ErrorBody,
    /// The server was not reached, or something else answered in its place.
    #[serde(skip)]
    pub unreached: bool,
}

impl RequestError {
    /// No answer at all, or a proxy's page instead of our JSON.
    #[must_use]
    pub fn unreached() -> Self {
        Self { error: ErrorBody::new(ErrorCode::Unavailable), unreached: true }
    }

    /// Whether the sign-in has ended.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.error.code == ErrorCode::NotAuthenticated
    }
}

impl From<ErrorBody> for RequestError {
    fn from(error: ErrorBody) -> Self {
        Self { error, unreached: false }
    }
}

impl std::fmt::Display for RequestError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for RequestError {}
