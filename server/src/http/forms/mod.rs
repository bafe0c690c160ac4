//! HTML forms, which work without JavaScript. Each is answered by a redirect; the result is a flash message, so that no input
//! appears in an address. A message that was sent without a sign-in is too long for one: the sign-in form carries it.

mod conversation;
mod demo;
mod settings;
mod sign_in;

pub(crate) use conversation::{message, open_conversation, read};
pub(crate) use demo::sign_in as demo_sign_in;
pub(crate) use settings::{appearance, end_other_sign_ins, end_sign_in, password, profile};
pub(crate) use sign_in::{register, sign_in, sign_out, sign_out_everywhere};

use crate::http::extract::FormFields;
use app::server_pages::{Flash, Form};
use axum::response::{IntoResponse, Redirect, Response};
use chat::account::Identity;
use protocol::{ErrorCode, Person};

/// Redirects with 303 See Other.
fn redirect(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Whether the form was rendered for another user than the one signed in now, by its field `me`: another tab may have
/// changed the sign-in. Programs may omit the field.
fn is_other_user(fields: &FormFields, user: &Person) -> bool {
    let me = fields.get("me");
    !me.is_empty() && me != user.id.to_string()
}

/// The flash message that rejects a form which was rendered for another user. It repeats none of the input.
fn reject_other_user(fields: &FormFields, user: &Identity, form: Form, page: &str) -> Option<Flash> {
    is_other_user(fields, &user.person)
        .then(|| Flash::refused(form, page, ErrorCode::NotAuthenticated.into()))
}

/// The first 200 characters, enough for its author to recognise the input.
fn truncate(text: &str) -> &str {
    text.char_indices().nth(200).map_or(text, |(end, _)| &text[..end])
}

/// The path with the query parameter `next`.
fn with_next(path: &str, next: &str) -> String {
    if next == "/" {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{path}?{query}")
}
