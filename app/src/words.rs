//! What people read when something is refused.

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
        (ErrorCode::NotAuthenticated, Place::SignIn) => "That name and password do not fit together.".into(),
        (ErrorCode::NotAuthenticated | ErrorCode::Forbidden, Place::Password) => {
            "The current password is not right.".into()
        }
        (ErrorCode::Conflict, Place::Register) => "That name is taken. Choose another one.".into(),
        (ErrorCode::Invalid, Place::Register) => {
            "A name has 3 to 32 letters, digits, or _ . - and a password 8 characters or more.".into()
        }
        (ErrorCode::Invalid, Place::Password) => "The new password needs 8 characters or more.".into(),
        (ErrorCode::Invalid, Place::Elsewhere) => {
            "Choose at least one person; a title has at most 120 characters.".into()
        }
        (ErrorCode::NotFound, Place::Elsewhere) => "One of these people is not here.".into(),
        (ErrorCode::RateLimited, Place::SignIn | Place::Register | Place::Password) => {
            "Too many attempts. Wait a minute, then try again.".into()
        }
        (code, _) => reason(&ErrorBody::new(code)),
    }
}

/// The sentence for an error that came over the link.
#[must_use]
pub(crate) fn reason(error: &ErrorBody) -> String {
    match error.code {
        ErrorCode::EmptyMessage => "There is nothing in this message.".into(),
        ErrorCode::MessageTooLong => "This message is too long: 5,000 characters are the most.".into(),
        ErrorCode::InvalidContent => "This message holds characters that cannot be kept.".into(),
        ErrorCode::NotAuthenticated => "You are signed out. Sign in again.".into(),
        ErrorCode::Forbidden => "You may not do this.".into(),
        ErrorCode::NotFound => "This conversation is not there for you any more.".into(),
        ErrorCode::IdConflict => "Another message was sent under the same id.".into(),
        ErrorCode::Conflict => "That is taken already.".into(),
        ErrorCode::TooLarge => "This is too large.".into(),
        ErrorCode::RateLimited => "Too fast. Wait a moment, then try again.".into(),
        ErrorCode::Unavailable => "The server cannot do this right now. Try again in a moment.".into(),
        ErrorCode::Invalid => error.message.clone(),
        ErrorCode::InvalidJson
        | ErrorCode::UnknownType
        | ErrorCode::Malformed
        | ErrorCode::MessageIdRequired
        | ErrorCode::Internal => "Something went wrong on our side. Try again.".into(),
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
