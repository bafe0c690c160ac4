//! Refused and failed requests, as pages.

use crate::layout::layout;
use crate::rapport::RapportError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why a page cannot be shown.
pub(crate) enum Failure {
    /// The page does not exist, or is not for this person.
    NotFound,
    /// A form has a value that breaks a rule.
    Invalid(&'static str),
    /// Rapport refused a request, or cannot be reached.
    Rapport(RapportError),
}

impl From<RapportError> for Failure {
    fn from(error: RapportError) -> Self {
        Self::Rapport(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found", "There is no such page for you."),
            Self::Invalid(text) => (StatusCode::UNPROCESSABLE_ENTITY, "Not accepted", text),
            Self::Rapport(error) => {
                eprintln!("market: {error}");
                (StatusCode::BAD_GATEWAY, "The chat is not available", "Try again in a moment.")
            }
        };
        (status, layout(title, None, &format!("<h1>{title}</h1><p>{text}</p>"))).into_response()
    }
}
