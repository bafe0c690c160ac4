//! Forms of incoming webhooks: create and revoke those of a group.

use super::{is_other_user, redirect, request_id, with_next};
use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::api::incoming_webhooks::incoming_url;
use crate::http::extract::{ConversationPath, FormFields};
use crate::http::flash;
use crate::http::idempotency_key::IdempotencyKey;
use crate::http::pages;
use crate::state::AppState;
use app::server_pages::{CreatedWebhook, Flash, Form};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use chat::account::broken_name_rule;
use protocol::{ConversationId, ErrorCode};
use tower_sessions::Session;

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
    let Some(user) = user else { return redirect(&with_next("/sign-in", &details(id))) };
    let name = fields.get("name");
    let created = async {
        let form = request_id(&fields, &user.person)?;
        let client_id = form.map(|form| IdempotencyKey::of_form(form, &format!("incoming webhook {name}")));
        let created = state.chat.create_incoming_webhook(&user.person, id, name, client_id).await?;
        let url = incoming_url(&state, &headers, &created.token);
        Ok(CreatedWebhook { conversation: id, url, webhook: created.webhook })
    };
    match created.await {
        Ok(created) => pages::created_webhook_page(&state, &headers, &user, created),
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
    let Some(user) = user else { return redirect(&with_next("/sign-in", &details(id))) };
    let revoked = async {
        if is_other_user(&fields, &user.person) {
            return Err(HttpError::from(ErrorCode::NotAuthenticated));
        }
        let webhook: i64 =
            fields.get("webhook").parse().map_err(|_| HttpError::from(ErrorCode::Malformed))?;
        Ok(state.chat.end_incoming_webhook(&user.person, id, webhook).await?)
    };
    match revoked.await {
        Ok(()) => redirect(&details(id)),
        Err(error) => refuse(&session, id, "", error).await,
    }
}

fn details(id: ConversationId) -> String {
    format!("/c/{id}?details")
}

/// Shows the refusal in the details of the group, or answers 404 where the group does not exist for this person.
async fn refuse(session: &Session, id: ConversationId, name: &str, HttpError(why): HttpError) -> Response {
    if why.code == ErrorCode::NotFound {
        return HttpError(why).into_response();
    }
    let rule = broken_name_rule(name).filter(|_| why.code == ErrorCode::Invalid);
    let flash = Flash::refused(Form::IncomingWebhook, &format!("/c/{id}"), why).breaking(rule);
    flash::set(session, &flash).await;
    redirect(&details(id))
}
