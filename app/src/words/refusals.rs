//! What people read when something is refused.

use super::t;
use protocol::{ErrorBody, ErrorCode};

/// Where a plain form was sent from: the same code means something else there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Signing in.
    SignIn,
    /// Registering.
    Register,
    /// Changing the password.
    Password,
    /// Sending a message, starting a conversation.
    Elsewhere,
}

/// The sentence for the code in `?error=`. A code that we do not know gets a general one; its text is never shown.
#[must_use]
pub(crate) fn explain(code: &str, place: Place) -> String {
    let code = serde_json::from_value::<ErrorCode>(code.into()).unwrap_or(ErrorCode::Internal);
    match (code, place) {
        (ErrorCode::NotAuthenticated, Place::SignIn) => t!("refused.name_and_password"),
        (ErrorCode::NotAuthenticated | ErrorCode::Forbidden, Place::Password) => {
            t!("refused.current_password")
        }
        (ErrorCode::Conflict, Place::Register) => t!("refused.name_taken"),
        (ErrorCode::Invalid, Place::Register) => {
            t!("refused.registration")
        }
        (ErrorCode::Invalid, Place::Password) => t!("refused.new_password"),
        (ErrorCode::Invalid, Place::Elsewhere) => {
            t!("refused.conversation")
        }
        (ErrorCode::NotFound, Place::Elsewhere) => t!("refused.people_not_found"),
        (ErrorCode::RateLimited, Place::SignIn | Place::Register | Place::Password) => {
            t!("refused.too_many_attempts")
        }
        (code, _) => reason(&ErrorBody::new(code)),
    }
}

/// The sentence for an error that came over the link.
#[must_use]
pub(crate) fn reason(error: &ErrorBody) -> String {
    match error.code {
        ErrorCode::EmptyMessage => t!("refused.empty_message"),
        ErrorCode::MessageTooLong => t!("refused.message_too_long"),
        ErrorCode::InvalidContent => t!("refused.content"),
        ErrorCode::NotAuthenticated => t!("refused.signed_out"),
        ErrorCode::Forbidden => t!("refused.forbidden"),
        ErrorCode::NotFound => t!("refused.not_found"),
        ErrorCode::IdConflict => t!("refused.id_conflict"),
        ErrorCode::Conflict => t!("refused.conflict"),
        ErrorCode::TooLarge => t!("refused.too_large"),
        ErrorCode::RateLimited => t!("refused.too_fast"),
        ErrorCode::Unavailable => t!("refused.unavailable"),
        ErrorCode::Invalid => error.message.clone(),
        ErrorCode::InvalidJson
        | ErrorCode::UnknownType
        | ErrorCode::Malformed
        | ErrorCode::MessageIdRequired
        | ErrorCode::Internal => t!("refused.our_fault"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b3_a_made_up_code_is_not_echoed() {
        assert_eq!(explain("<script>", Place::SignIn), "Something went wrong on our side. Try again.");
    }

    #[test]
    fn the_same_code_means_something_else_elsewhere() {
        assert_ne!(explain("conflict", Place::Register), explain("conflict", Place::Elsewhere));
        assert!(explain("rate_limited", Place::SignIn).contains("Wait"));
    }
}
