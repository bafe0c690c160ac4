//! Incoming webhooks of a group: their page, and its forms.

use super::{is_other_user, redirect, request_id, truncate, with_next};
use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::api::incoming_webhooks::incoming_url;
use crate::http::extract::{ConversationPath, FormFields};
use crate::http::flash;
use crate::http::idempotency_key::IdempotencyKey;
use crate::http::pages;
use crate::state::AppState;
use app::server_pages::{Flash, Form, IncomingWebhooks};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use chat::account::{Identity, broken_name_rule};
use protocol::{ClientId, ConversationId, ErrorCode};
use tower_cookies::Cookies;
use tower_sessions::Session;

/// Shows the incoming webhooks, to owners and moderators.
pub(crate) async fn incoming_webhooks(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    cookies: Cookies,
    session: Session,
    headers: HeaderMap,
) -> Response {
    let Some(user) = user else { return redirect(&with_next("/sign-in", &page(id))) };
    let flash = flash::take(&state.flashes, &cookies, &session, &page(id), Some(user.person.id)).await;
    show(&state, &headers, &user, id, (None, flash)).await
}

/// The page with the URL of the webhook that was just created, or with the outcome of the form before.
async fn show(
    state: &AppState,
    headers: &HeaderMap,
    user: &Identity,
    id: ConversationId,
    (url, flash): (Option<String>, Option<Flash>),
) -> Response {
    let webhooks = match state.chat.incoming_webhooks(&user.person, id).await {
        Ok(webhooks) => webhooks,
        Err(error) => return pages::refused(state, headers, error.into()),
    };
    let (me, client_id) = (user.person.id, ClientId::mint());
    let page = IncomingWebhooks { me, conversation: id, webhooks, url, flash, client_id };
    pages::incoming_webhooks_page(state, headers, user, page)
}

/// Creates an incoming webhook, and answers with the page that shows its URL: the token is stored nowhere. Fields: `name`,
/// `client_id`, `me`.
pub(crate) async fn create_incoming_webhook(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(&with_next("/sign-in", &page(id))) };
    let name = fields.get("name");
    let created = async {
        let form = request_id(&fields, &user.person)?;
        let client_id = form.map(|form| IdempotencyKey::of_form(form, &format!("incoming webhook {name}")));
        let created = state.chat.create_incoming_webhook(&user.person, id, name, client_id).await?;
        Ok(incoming_url(&state, &headers, &created.token))
    };
    match created.await {
        Ok(url) => show(&state, &headers, &user, id, (Some(url), None)).await,
        Err(error) => refuse(&session, id, name, error).await,
    }
}

/// Revokes an incoming webhook. One that was revoked already stays so. Fields: `webhook` (its number), `me`.
pub(crate) async fn revoke_incoming_webhook(
    State(state): State<AppState>,
    ConversationPath(id): ConversationPath,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(&with_next("/sign-in", &page(id))) };
    let revoked = async {
        if is_other_user(&fields, &user.person) {
            return Err(HttpError::from(ErrorCode::NotAuthenticated));
        }
        let webhook: i64 =
            fields.get("webhook").parse().map_err(|_| HttpError::from(ErrorCode::Malformed))?;
        Ok(state.chat.end_incoming_webhook(&user.person, id, webhook).await?)
    };
    match revoked.await {
        Ok(()) => redirect(&page(id)),
        Err(error) => refuse(&session, id, "", error).await,
    }
}

fn page(id: ConversationId) -> String {
    format!("/c/{id}/incoming-webhooks")
}

/// Shows the refusal on the page of the webhooks; those who may not see that get an error.
async fn refuse(session: &Session, id: ConversationId, name: &str, HttpError(why): HttpError) -> Response {
    if matches!(why.code, ErrorCode::NotFound | ErrorCode::Forbidden) {
        return HttpError(why).into_response();
    }
    let rule = broken_name_rule(name).filter(|_| why.code == ErrorCode::Invalid);
    // The person who is signed in by now may not see the page of the webhooks.
    let (shown_on, next) = match why.code {
        ErrorCode::NotAuthenticated => (format!("/c/{id}"), format!("/c/{id}?details")),
        _ => (page(id), page(id)),
    };
    let name = if why.code == ErrorCode::NotAuthenticated { "" } else { truncate(name) };
    let flash = Flash::refused(Form::IncomingWebhook, &shown_on, why).breaking(rule).typed([("name", name)]);
    flash::set(session, &flash).await;
    redirect(&next)
}
