//! HTML forms, which work without JavaScript. Each is answered by a redirect; the result is a flash message, so that no input
//! appears in an address. A message that was sent without a sign-in is too long for one: the sign-in form carries it; other forms are in `unsaved`.

mod closing;
mod conversation;
mod demo;
mod fields;
mod groups;
mod incoming_webhooks;
mod invitations;
mod membership;
mod notifications;
mod redirects;
mod settings;
mod sign_in;
mod sso;
mod unsaved;

pub(crate) use closing::{close_conversation, reopen_conversation};
pub(crate) use conversation::{message, open_conversation, read};
pub(crate) use demo::sign_in as demo_sign_in;
pub(crate) use groups::{add_members, remove_member, set_role, update_group};
pub(crate) use incoming_webhooks::{create_incoming_webhook, incoming_webhooks, revoke_incoming_webhook};
pub(crate) use invitations::{accept_invitation, create_link, decline_invitation, revoke_link};
pub(crate) use membership::change_own;
pub(crate) use notifications::read as read_notifications;
pub(crate) use settings::{
    appearance, end_other_sign_ins, end_sign_in, groups, notifications, password, privacy, profile,
};
pub(crate) use sign_in::{register, sign_in, sign_out, sign_out_everywhere};
pub(crate) use sso::sign_in as single_sign_on;
pub(crate) use unsaved::keep as keep_unsaved;

use crate::error::HttpError;
use crate::http::extract::FormFields;
use app::server_pages::{Flash, Form};
use axum::response::{IntoResponse, Redirect, Response};
use chat::account::Identity;
use protocol::{ClientId, ErrorCode, Person};

/// Redirects with 303 See Other.
fn redirect(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The id of the request, if it has one. Refused if the form was rendered for another person.
fn request_id(fields: &FormFields, user: &Person) -> Result<Option<ClientId>, HttpError> {
    if is_other_user(fields, user) {
        return Err(ErrorCode::NotAuthenticated.into());
    }
    match fields.get("client_id") {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|_| ErrorCode::Malformed.into()),
    }
}

/// Whether the form was rendered for another user than the one signed in now, by its field `me`: another tab may have
/// changed the sign-in. Programs may omit the field.
pub(crate) fn is_other_user(fields: &FormFields, user: &Person) -> bool {
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
pub(crate) fn with_next(path: &str, next: &str) -> String {
    if next == "/" {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{path}?{query}")
}

/// The value of a field; `None` if the field is empty.
fn parse_optional<T: std::str::FromStr>(text: &str) -> Result<Option<T>, HttpError> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| HttpError::from(ErrorCode::Malformed)),
    }
}
