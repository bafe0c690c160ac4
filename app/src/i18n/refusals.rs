//! Texts of refusals.

use super::t;
use protocol::{ErrorBody, ErrorCode};

/// The text of an error of the server in the reader's language.
#[must_use]
pub(crate) fn reason(error: &ErrorBody) -> String {
    match error.code {
        ErrorCode::EmptyMessage => t!("refused.empty_message"),
        ErrorCode::MessageTooLong => t!("refused.message_too_long"),
        ErrorCode::InvalidContent => t!("refused.content"),
        ErrorCode::NotAuthenticated => t!("refused.signed_out"),
        ErrorCode::Forbidden => t!("refused.forbidden"),
        ErrorCode::NotFound => t!("refused.not_found"),
        ErrorCode::Suspended => t!("refused.suspended"),
        ErrorCode::Closed => t!("refused.closed"),
        ErrorCode::IdConflict => t!("refused.id_conflict"),
        ErrorCode::Conflict => t!("refused.conflict"),
        ErrorCode::LastOwner => t!("refused.last_owner"),
        ErrorCode::TooLarge => t!("refused.too_large"),
        ErrorCode::RateLimited => t!("refused.too_fast"),
        ErrorCode::RequestTimeout | ErrorCode::Unavailable => t!("refused.unavailable"),
        ErrorCode::Invalid => error.message.clone(),
        ErrorCode::InvalidJson
        | ErrorCode::UnknownType
        | ErrorCode::Malformed
        | ErrorCode::MessageIdRequired
        | ErrorCode::MethodNotAllowed
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::Internal => t!("refused.our_fault"),
    }
}
