//! The document around each page, and requests that have no page.

use crate::data::Person;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use std::error::Error;

/// A whole document.
pub(crate) fn layout(title: &str, visitor: Option<&Person>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Market" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
            }
            body {
                header {
                    a href="/" { "Market" }
                    @if let Some(person) = visitor {
                        form method="post" action="/sign-out" { (person.name) " " button { "Sign out" } }
                    } @else {
                        a href="/sign-in" { "Sign in" }
                    }
                }
                main { (content) }
            }
        }
    }
}

/// The answer to a request that has no page: a status, and a text for the visitor.
pub(crate) struct Failure(pub(crate) StatusCode, pub(crate) &'static str);

/// The page does not exist, or is not for this person.
pub(crate) const NOT_FOUND: Failure = Failure(StatusCode::NOT_FOUND, "There is no such page for you.");

/// Errors are those of requests to Rapport.
impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        eprintln!("market: {}", error.into());
        Self(StatusCode::BAD_GATEWAY, "The chat is not available. Try again in a moment.")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let content = html! { h1 { "Not possible" } p { (self.1) } };
        (self.0, layout("Not possible", None, &content)).into_response()
    }
}
