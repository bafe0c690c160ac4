//! The one error of all server functions.

use protocol::{ErrorBody, ErrorCode};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// Why a server function did not answer: refused by the server, or not reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// What the server said; made here when it said nothing.
    pub error: ErrorBody,
    /// The server was not reached, or what answered was not it.
    #[serde(skip)]
    pub unreached: bool,
}

impl Refused {
    /// A proxy's page instead of our JSON, or nothing at all.
    #[must_use]
    pub fn unreached() -> Self {
        Self { error: ErrorBody::new(ErrorCode::Unavailable), unreached: true }
    }

    /// Whether the sign-in has ended.
    #[must_use]
    pub fn signed_out(&self) -> bool {
        self.error.code == ErrorCode::NotAuthenticated
    }
}

impl From<ErrorBody> for Refused {
    fn from(error: ErrorBody) -> Self {
        Self { error, unreached: false }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Refused {}

impl FromServerFnError for Refused {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                ErrorBody::new(ErrorCode::Malformed).into()
            }
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => Self::unreached(),
            _ => ErrorBody::new(ErrorCode::Internal).into(),
        }
    }
}
