//! The error of a sign-in by username and password.

use crate::Error;
use protocol::{ErrorBody, ErrorCode};

/// Why a sign-in failed. All but [`SignInError::Other`] are `not_authenticated` on the wire.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account has this name and password.
    #[error("wrong username or password")]
    Wrong,
    /// The account is suspended. Reported only with the right password.
    #[error("the account is suspended")]
    Suspended,
    /// The password is too long to be hashed, or the store failed.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<SignInError> for Error {
    fn from(error: SignInError) -> Self {
        let message = match error {
            SignInError::Wrong => "Wrong username or password",
            SignInError::Suspended => "This account is suspended",
            SignInError::Other(error) => return error,
        };
        ErrorBody::because(ErrorCode::NotAuthenticated, message).into()
    }
}
