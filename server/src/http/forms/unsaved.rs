//! Forms that were sent after their sign-in had ended. The answer leads to the sign-in; what was typed is kept in a signed cookie,
//! since a visitor may store nothing, and the page of the form shows it to its author after the next sign-in.

use super::fields::{self, typed};
use crate::http::extract::FormFields;
use crate::http::local_path::{local_path, path_of};
use crate::state::AppState;
use app::server_pages::{Flash, Form};
use axum::extract::{FromRequest as _, MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use protocol::UserId;
use tower_cookies::Cookies;

/// The form of a route, and its fields that are kept.
fn kept_fields(route: &str) -> Option<(Form, &'static [&'static str])> {
    Some(match route {
        "/conversations" => (Form::Conversation, &["title", "client_id"]),
        "/settings/profile" => (Form::Profile, &["first_name", "last_name", "hue"]),
        "/settings/appearance" => (Form::Appearance, &["theme", "language", "time_zone"]),
        "/settings/notifications" => (Form::Notifications, fields::NOTIFICATIONS),
        "/settings/privacy" => (Form::Privacy, fields::PRIVACY),
        "/settings/groups" => (Form::Groups, fields::ADDABLE),
        "/c/{id}/settings" => (Form::Group, fields::GROUP),
        "/c/{id}/members" => (Form::Group, fields::PEOPLE),
        "/c/{id}/close" => (Form::Closing, fields::REASON),
        "/c/{id}/invitations" => (Form::Invitation, fields::LINK),
        "/c/{id}/incoming-webhooks" => (Form::IncomingWebhook, fields::WEBHOOK),
        "/moderation/{id}/access" | "/moderation/{id}/close" => (Form::Message, fields::REASON),
        _ => return None,
    })
}

/// Keeps the fields of a form that is answered by the sign-in page.
pub(crate) async fn keep(
    State(state): State<AppState>,
    route: Option<MatchedPath>,
    cookies: Cookies,
    request: Request,
    next: Next,
) -> Response {
    let kept = route.filter(|_| request.method() == axum::http::Method::POST);
    let Some((form, names)) = kept.and_then(|route| kept_fields(route.as_str())) else {
        return next.run(request).await;
    };
    // The body has been read and bounded before.
    let (parts, body) = request.into_parts();
    let body = Bytes::from_request(Request::new(body), &()).await.unwrap_or_default();
    let copy = Request::from_parts(parts.clone(), body.clone().into());
    let response = next.run(Request::from_parts(parts, body.into())).await;
    let Some(page) = page_after_sign_in(&response) else { return response };
    if let Ok(sent) = FormFields::from_request(copy, &()).await
        // Programs leave the field out, and come back for no page.
        && let Ok(author) = sent.get("me").parse::<UserId>()
    {
        state.flashes.set_unsaved(&cookies, &Flash::unsaved(form, &page, author).typed(typed(&sent, names)));
    }
    response
}

/// The path of the page that follows the sign-in, if the answer leads to one.
fn page_after_sign_in(response: &Response) -> Option<String> {
    if response.status() != StatusCode::SEE_OTHER {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let query = location.strip_prefix("/sign-in?")?;
    let (_, next) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next")?;
    Some(path_of(local_path(&next)).to_owned())
}
