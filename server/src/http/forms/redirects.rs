//! Answers of forms that belong to a conversation.

use super::{redirect, with_next};
use crate::error::HttpError;
use crate::http::flash;
use app::server_pages::{Flash, Form};
use axum::response::{IntoResponse as _, Response};
use protocol::{ConversationId, ErrorCode};
use tower_sessions::Session;

/// Redirects to the conversation with this query, empty or with its question mark. `form`: where the page shows a refusal, and
/// the input that it shows again.
pub(super) async fn redirect_to_page(
    session: &Session,
    id: ConversationId,
    query: &str,
    (form, typed): (Form, Vec<(&str, String)>),
    done: Result<(), HttpError>,
) -> Response {
    let page = format!("/c/{id}");
    match done {
        Ok(()) => {}
        // The same response for a conversation that does not exist and one of which the user is not a member.
        Err(error) if error.0.code == ErrorCode::NotFound => return error.into_response(),
        Err(HttpError(why)) => {
            // The page of another user repeats none of the input.
            let typed = if why.code == ErrorCode::NotAuthenticated { Vec::new() } else { typed };
            flash::set(session, &Flash::refused(form, &page, why).typed(typed)).await;
        }
    }
    redirect(&(page + query))
}

pub(super) fn sign_in_first(id: ConversationId) -> Response {
    redirect(&sign_in_path(id))
}

/// Redirects to the sign-in before the details of the conversation.
pub(super) fn sign_in_before_details(id: ConversationId) -> Response {
    redirect(&with_next("/sign-in", &format!("/c/{id}?details")))
}

pub(super) fn sign_in_path(id: ConversationId) -> String {
    format!("/sign-in?next=/c/{id}")
}
