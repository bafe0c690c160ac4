//! A refusal is the asker's to read; a fault is ours, and only its kind leaves the server.

use protocol::{ErrorBody, ErrorCode};

/// What stands between a request and its answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be done, for a reason that its asker may know.
    #[error("refused: {0}")]
    Refused(ErrorBody),
    /// Something that we depend on is away; the same request may go through later.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Our own mistake.
    #[error("internal: {0}")]
    Internal(String),
}

/// The domain's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// What may not be seen does not exist.
    #[must_use]
    pub fn not_found() -> Self {
        ErrorCode::NotFound.into()
    }

    /// What the asker is told; the cause of a fault goes to the log and nowhere else.
    #[must_use]
    pub fn into_body(self) -> ErrorBody {
        match self {
            Self::Refused(body) => body,
            Self::Unavailable(cause) => {
                tracing::warn!(%cause, "unavailable");
                ErrorCode::Unavailable.into()
            }
            Self::Internal(cause) => {
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
