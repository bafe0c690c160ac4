//! The error of a token.

use crate::error::HttpError;
use protocol::{ErrorBody, ErrorCode};

/// Why a token is refused. The texts are documented in `docs/embed.md`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SsoError {
    #[error("The token is not a JWT")]
    Malformed,
    #[error("alg: the issuer has no key of this algorithm")]
    Algorithm,
    #[error("iss: the issuer is not known here")]
    Issuer,
    #[error("kid: the issuer has no such key")]
    Key,
    #[error("The signature is wrong")]
    Signature,
    #[error("A claim is missing or of another type: {0}")]
    Claims(String),
    #[error("aud: the token is for somebody else")]
    Audience,
    #[error("exp: the token has expired")]
    Expired,
    #[error("nbf or iat: the token is not valid yet")]
    NotYet,
    #[error("exp: the token is valid for more than 10 minutes")]
    Lifetime,
    #[error("The keys of the issuer cannot be read, try again")]
    Unavailable,
}

impl From<SsoError> for HttpError {
    fn from(error: SsoError) -> Self {
        let code = match error {
            SsoError::Unavailable => ErrorCode::Unavailable,
            _ => ErrorCode::NotAuthenticated,
        };
        Self(ErrorBody::because(code, error.to_string()))
    }
}
