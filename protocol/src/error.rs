//! One error for every transport: a stable code for programs, a sentence for people.

use crate::ClientId;
use serde::{Deserialize, Serialize};

/// What went wrong, for programs. The sentence beside it may change; this does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Nothing but white space.
    EmptyMessage,
    /// Over the limit of a message.
    MessageTooLong,
    /// Characters that cannot be kept.
    InvalidContent,
    /// Not JSON.
    InvalidJson,
    /// JSON, but no frame that we know.
    UnknownType,
    /// A known frame with a part missing or of the wrong type.
    Malformed,
    /// The frame needs a message's id.
    MessageIdRequired,
    /// What may not be seen does not exist.
    NotFound,
    /// No valid credentials.
    NotAuthenticated,
    /// Known to exist, and not allowed.
    Forbidden,
    /// The `client_id` was used before, for something else.
    IdConflict,
    /// The name is taken, or the like.
    Conflict,
    /// A username, password, title or the like breaks a rule.
    Invalid,
    /// More than the body may have.
    TooLarge,
    /// Too fast; `retry_after` says when.
    RateLimited,
    /// Something that the server depends on is away; try again.
    Unavailable,
    /// The server's own fault. The cause is in its log only.
    Internal,
}

impl ErrorCode {
    /// The HTTP status that goes with it.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidJson | Self::UnknownType | Self::Malformed | Self::MessageIdRequired => 400,
            Self::NotAuthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::IdConflict | Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::EmptyMessage | Self::MessageTooLong | Self::InvalidContent | Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// The sentence that stands for it where nothing better is known. Programs match some of these texts.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::EmptyMessage => "Empty message",
            Self::MessageTooLong => "Message too long",
            Self::InvalidContent => "The message holds characters that cannot be kept",
            Self::InvalidJson => "Invalid JSON",
            Self::UnknownType => "Unknown message type",
            Self::Malformed => "Malformed",
            Self::MessageIdRequired => "Message ID required",
            Self::NotFound => "Not found",
            Self::NotAuthenticated => "Not signed in",
            Self::Forbidden => "Not allowed",
            Self::IdConflict => "This client_id was used for another message",
            Self::Conflict => "Already taken",
            Self::Invalid => "Not accepted",
            Self::TooLarge => "Too large",
            Self::RateLimited => "Too fast, try again later",
            Self::Unavailable => "Not available right now, try again",
            Self::Internal => "Internal error",
        }
    }
}

/// An error as it travels: in an `error` frame, in an HTTP answer, out of a server function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// The message that was refused, when the client named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Seconds until it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<f64>,
}

impl ErrorBody {
    /// With the code's own sentence.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self::because(code, code.text())
    }

    /// With a sentence that says more.
    #[must_use]
    pub fn because(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), client_id: None, retry_after: None }
    }

    /// Too fast, and when to come back, in seconds.
    #[must_use]
    pub fn rate_limited(retry_after: f64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ErrorCode::RateLimited) }
    }

    /// About the message that the client named so.
    #[must_use]
    pub fn about(mut self, client_id: Option<ClientId>) -> Self {
        self.client_id = client_id;
        self
    }
}

impl From<ErrorCode> for ErrorBody {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl std::fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ErrorBody {}

/// The body of a refused HTTP request: `{"error": {"code", "message"}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// What went wrong.
    pub error: ErrorBody,
}
