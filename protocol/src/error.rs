//! The error of every transport: a stable code for programs, a sentence for people.

use crate::ClientId;
use serde::{Deserialize, Serialize};

/// The stable code of an error. The sentence beside it may change; the code does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message is empty or only white space.
    EmptyMessage,
    /// The message is longer than [`crate::limits::MAX_CONTENT`].
    MessageTooLong,
    /// The message holds characters that cannot be stored.
    InvalidContent,
    /// The frame or body is not JSON.
    InvalidJson,
    /// The frame's `type` is missing or unknown.
    UnknownType,
    /// A field is missing or of the wrong type.
    Malformed,
    /// The frame needs a `message_id`.
    MessageIdRequired,
    /// The requested object does not exist, or the person may not see it.
    NotFound,
    /// There are no valid credentials.
    NotAuthenticated,
    /// The person may see the object and may not do this with it.
    Forbidden,
    /// The other person's account is suspended, so that nothing can be sent to them.
    Suspended,
    /// The conversation is closed: it can be read, and nobody can write or change it.
    Closed,
    /// The `client_id` was used before for another message.
    IdConflict,
    /// The request conflicts with the current state, such as a name that is taken.
    Conflict,
    /// The group has no other owner: first somebody else has to become one.
    LastOwner,
    /// A value breaks a rule, such as one for usernames, passwords or titles.
    Invalid,
    /// The path does not have this HTTP method; the header `Allow` lists those that it has.
    MethodNotAllowed,
    /// The request did not arrive in time; try again.
    RequestTimeout,
    /// The request body is too large.
    TooLarge,
    /// The request body is not of the media type that the path takes, or the method takes no body.
    UnsupportedMediaType,
    /// Too many requests; `retry_after` says when to try again.
    RateLimited,
    /// Something that the server depends on is not available; try again.
    Unavailable,
    /// A fault of the server. The cause is in its log only.
    Internal,
}

impl ErrorCode {
    /// The HTTP status of an answer with this code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidJson | Self::UnknownType | Self::Malformed | Self::MessageIdRequired => 400,
            Self::NotAuthenticated => 401,
            Self::Forbidden | Self::Suspended => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::Closed | Self::IdConflict | Self::Conflict | Self::LastOwner => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::EmptyMessage | Self::MessageTooLong | Self::InvalidContent | Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// The default sentence of the code. Programs match some of these texts.
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
            Self::Suspended => "This person's account is suspended",
            Self::Closed => "This conversation is closed",
            Self::IdConflict => "This client_id was used for another message",
            Self::Conflict => "Already taken",
            Self::LastOwner => "Make somebody else an owner first",
            Self::Invalid => "Not accepted",
            Self::MethodNotAllowed => "This path does not have this method",
            Self::RequestTimeout => "The request did not arrive in time, try again",
            Self::TooLarge => "Too large",
            Self::UnsupportedMediaType => "The body is not of the media type that this path takes",
            Self::RateLimited => "Too fast, try again later",
            Self::Unavailable => "Not available right now, try again",
            Self::Internal => "Internal error",
        }
    }
}

/// An error on the wire: in an `error` frame, an HTTP answer or the answer of a server function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// The stable code, for programs.
    pub code: ErrorCode,
    /// The sentence, for people.
    pub message: String,
    /// The refused message, if the client gave it an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// The time in seconds, 0 or more, after which it is worth trying again; absent if it is not or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<f64>,
}

impl ErrorBody {
    /// An error with the code's default sentence.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self::because(code, code.text())
    }

    /// An error with another sentence.
    #[must_use]
    pub fn because(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), client_id: None, retry_after: None }
    }

    /// A [`ErrorCode::RateLimited`] error; `retry_after` in seconds.
    #[must_use]
    pub fn rate_limited(retry_after: f64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ErrorCode::RateLimited) }
    }

    /// The same error about the message with this id.
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
    /// The error.
    pub error: ErrorBody,
}
