//! Errors of the domain. The reason of a refusal is sent to the client; the cause of any other error is only logged.

use protocol::{ErrorBody, ErrorCode};

/// Error of an operation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is refused, for a reason that the client may know.
    #[error("refused: {0}")]
    Refused(ErrorBody),
    /// A dependency is unavailable; the same request can succeed later.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A bug in this program, or a damaged database.
    #[error("internal: {0}")]
    Internal(String),
    /// The database is missing, or this version of the program cannot use it; only at the start. A restart does not help.
    #[error("{0}")]
    Unsupported(String),
}

/// Result of an operation of the domain.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The error for whatever the user may not see, or does not exist.
    #[must_use]
    pub fn not_found() -> Self {
        ErrorCode::NotFound.into()
    }

    /// Converts the error to the body of a response; the cause is logged.
    #[must_use]
    pub fn into_body(self) -> ErrorBody {
        match self {
            Self::Refused(body) => body,
            Self::Unavailable(cause) => {
                tracing::warn!(%cause, "unavailable");
                ErrorCode::Unavailable.into()
            }
            Self::Internal(cause) | Self::Unsupported(cause) => {
                tracing::error!(%cause, "internal error");
                ErrorCode::Internal.into()
            }
        }
    }
}

impl From<ErrorBody> for Error {
    fn from(body: ErrorBody) -> Self {
        Self::Refused(body)
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}
