//! The error response of HTTP routes: an [`ApiError`] as JSON, with its status code.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::{ApiError, ErrorBody, ErrorCode};

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::refusal";

/// An error response.
#[derive(Clone, Debug)]
pub(crate) struct HttpError(pub(crate) ErrorBody);

impl HttpError {
    pub(crate) fn new(code: ErrorCode, why: impl Into<String>) -> Self {
        Self(ErrorBody::because(code, why))
    }
}

impl From<ErrorCode> for HttpError {
    fn from(code: ErrorCode) -> Self {
        Self(code.into())
    }
}

impl From<chat::Error> for HttpError {
    fn from(error: chat::Error) -> Self {
        Self(error.into_body())
    }
}

impl From<tower_sessions::session::Error> for HttpError {
    fn from(error: tower_sessions::session::Error) -> Self {
        tracing::error!(target: LOG_TARGET, cause = %error, "a web session cannot be read or written");
        Self(ErrorCode::Unavailable.into())
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Clients retry once a second while the database is away.
        let soon = (self.0.code == ErrorCode::Unavailable).then_some(1.0);
        let retry_after = self.0.retry_after.or(soon);
        let mut response = (status, Json(ApiError { error: self.0 })).into_response();
        if let Some(seconds) = retry_after {
            let whole = seconds.ceil().clamp(1.0, 86_400.0) as u32;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
