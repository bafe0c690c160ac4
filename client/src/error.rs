//! Errors of the client.

use protocol::{ClientId, CloseCode, ErrorBody};
use std::time::Duration;

/// Error of a connection or a request.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The address of the server is no http or https origin.
    #[error("`{0}` is no address of a server; write it as https://chat.example")]
    Address(String),
    /// The server cannot be reached, or what answers is no server of this kind. Trying again may help.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server refused the request.
    #[error("the server refused: {0}")]
    Refused(ErrorBody),
    /// The server closed the socket with a code that forbids to reconnect ([`CloseCode::REFUSALS`]).
    #[error("the server closed the connection for good: {}", reason(*.0))]
    Closed(u16),
    /// The message was not acknowledged in time. It may be stored: send it again under this id.
    #[error("the message {0} was not acknowledged in time")]
    Unacknowledged(ClientId),
    /// Too many messages wait for their acknowledgement.
    #[error("too many messages wait for their acknowledgement")]
    OutboxFull,
    /// The client has ended.
    #[error("the client has ended")]
    Ended,
}

impl Error {
    /// The time to wait before the next attempt, if the server named one.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(error) => {
                error.retry_after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            }
            _ => None,
        }
    }

    /// Whether another attempt can succeed.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused(error) => matches!(error.code.status(), 408 | 429 | 500..),
            _ => false,
        }
    }
}

fn reason(code: u16) -> String {
    let reason = CloseCode::from_code(code).map_or("unknown", CloseCode::reason);
    format!("{code} ({reason})")
}
