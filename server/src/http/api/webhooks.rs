//! Webhooks: endpoints of products, and their deliveries. For service keys of the scope `webhooks`.

use super::key_refusals::ScopeRefusals;
use super::messages::page_size;
use crate::auth::ServiceKey;
use crate::error::HttpError;
use crate::http::extract::{Json, NoFields, QueryParams};
use crate::http::idempotency_key::IdempotencyKey;
use crate::state::AppState;
use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chat::service_keys::KeyRequest;
use chat::store::{DeliveryRecord, DeliveryState, Webhook};
use protocol::{ApiError, ConversationId, ErrorCode, KeyScope, Timestamp};
use serde::{Deserialize, Serialize};

/// An endpoint that is told of events.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct WebhookInfo {
    /// Its number.
    id: i64,
    /// The URL.
    url: String,
    /// The kinds of events that it is told of.
    events: Vec<&'static str>,
    /// The kind of the subjects whose conversations it is told of; absent: of all conversations.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_kind: Option<String>,
    /// The time at which it was added.
    created_at: Timestamp,
}

impl From<Webhook> for WebhookInfo {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            events: webhook.events.iter().map(|kind| kind.as_str()).collect(),
            subject_kind: webhook.subject_kind,
            created_at: webhook.created_at,
        }
    }
}

/// All endpoints.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct WebhookList {
    /// The endpoints, in the order in which they were added; at most 100.
    webhooks: Vec<WebhookInfo>,
}

/// An endpoint to add.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewWebhook {
    /// The https URL, at most 2,048 characters. All addresses of its host are public, unless the server allows others.
    url: String,
    /// The kinds of events, at least one: `message.created`, `message.deleted`, `message.unread`, `conversation.created`,
    /// `conversation.closed`, `conversation.reopened`, `member.joined`, `member.left`.
    #[schema(min_items = 1)]
    events: Vec<String>,
    /// Only conversations about subjects of this kind: 1 to 64 letters, digits, `-` and `_`. Absent: all conversations.
    #[serde(default)]
    subject_kind: Option<String>,
}

/// An endpoint that was added.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AddedWebhook {
    /// The endpoint.
    webhook: WebhookInfo,
    /// The signing secret: `whsec_` and the base64 of 32 bytes. It cannot be read again.
    secret: String,
}

/// A page of deliveries.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct DeliveryList {
    /// The deliveries, newest first.
    deliveries: Vec<DeliveryInfo>,
}

/// The delivery of an event, without its contents.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct DeliveryInfo {
    /// Its number.
    id: i64,
    /// The id of the event, as the header `webhook-id` has it.
    event_id: String,
    /// The kind of the event.
    event: &'static str,
    /// The conversation.
    conversation_id: ConversationId,
    /// The time of the event.
    created_at: Timestamp,
    /// `pending`, `delivered` or `given_up`.
    #[schema(value_type = String)]
    state: DeliveryState,
    /// The number of attempts so far.
    attempts: i64,
    /// The time of the last attempt; absent before the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    tried_at: Option<Timestamp>,
    /// The HTTP status of the last answer; absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The time of the next attempt; absent unless it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Timestamp>,
}

impl From<DeliveryRecord> for DeliveryInfo {
    fn from(delivery: DeliveryRecord) -> Self {
        let DeliveryRecord {
            id,
            kind,
            conversation,
            created_at,
            state,
            attempts,
            tried_at,
            status,
            next_at,
            ..
        } = delivery;
        Self {
            id,
            event_id: delivery.event_id(),
            event: kind.as_str(),
            conversation_id: conversation,
            created_at,
            state,
            attempts,
            tried_at,
            status,
            next_at,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct DeliveriesQuery {
    /// Most deliveries of the page, 1 to 100; 20 by default.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Only deliveries before this number: the `id` of the last one of the page before.
    before: Option<i64>,
}

/// Default and maximum length of a page of deliveries.
const PAGE: usize = 20;
const MAX_PAGE: usize = 100;

#[utoipa::path(
    get, path = "/api/webhooks", tag = "webhooks",
    security(("service_key" = [])),
    responses(
        (status = 200, body = WebhookList, description = "All endpoints, also those of the command line"),
        ScopeRefusals,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    key: ServiceKey,
) -> Result<Answer<WebhookList>, HttpError> {
    key.require(KeyScope::Webhooks)?;
    let webhooks = state.webhooks.list().await?.into_iter().map(WebhookInfo::from).collect();
    Ok(Answer(WebhookList { webhooks }))
}

#[utoipa::path(
    post, path = "/api/webhooks", tag = "webhooks",
    params(IdempotencyKey),
    request_body = NewWebhook,
    security(("service_key" = [])),
    responses(
        (status = 201, body = AddedWebhook, description = "The endpoint is told of events from now on: by other nodes after at most a second. A repeat with the same key has the same answer"),
        ScopeRefusals,
        (status = 409, body = ApiError, description = "The `Idempotency-Key` was used for another request"),
        (status = 422, body = ApiError, description = "A field is refused; the message begins with its name: `url` is no https URL, too \
            long or at a private address, or there are 100 endpoints; `events` is empty or names an unknown one; `subject_kind` is not of its form"),
    )
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    key: ServiceKey,
    request: IdempotencyKey,
    Json(new): Json<NewWebhook>,
) -> Result<(StatusCode, Answer<AddedWebhook>), HttpError> {
    key.require(KeyScope::Webhooks)?;
    let NewWebhook { url, events, subject_kind } = new;
    let request = request.or_of(None).map(|client_id| KeyRequest { service_key: key.0.id, client_id });
    let added = state.webhooks.add(&url, &events, subject_kind.as_deref(), request).await?;
    let answer = AddedWebhook { webhook: added.webhook.into(), secret: added.secret };
    Ok((StatusCode::CREATED, Answer(answer)))
}

#[utoipa::path(
    delete, path = "/api/webhooks/{webhook}", tag = "webhooks",
    params(("webhook" = i64, Path, description = "The number of the endpoint")),
    security(("service_key" = [])),
    responses(
        (status = 204, description = "The endpoint is removed with its deliveries"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such endpoint"),
    )
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    key: ServiceKey,
    Path(webhook): Path<String>,
) -> Result<StatusCode, HttpError> {
    key.require(KeyScope::Webhooks)?;
    state.webhooks.remove(number(&webhook)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    get, path = "/api/webhooks/{webhook}/deliveries", tag = "webhooks",
    params(("webhook" = i64, Path, description = "The number of the endpoint"), DeliveriesQuery),
    security(("service_key" = [])),
    responses(
        (status = 200, body = DeliveryList, description = "A page of deliveries, newest first, of the last seven days"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such endpoint"),
        (status = 422, body = ApiError, description = "`limit` is outside its range"),
    )
)]
pub(crate) async fn deliveries(
    State(state): State<AppState>,
    key: ServiceKey,
    Path(webhook): Path<String>,
    QueryParams(query): QueryParams<DeliveriesQuery>,
) -> Result<Answer<DeliveryList>, HttpError> {
    key.require(KeyScope::Webhooks)?;
    let limit = page_size(query.limit, PAGE, MAX_PAGE)?;
    let page = state.webhooks.deliveries(number(&webhook)?, query.before, limit).await?;
    Ok(Answer(DeliveryList { deliveries: page.into_iter().map(DeliveryInfo::from).collect() }))
}

#[utoipa::path(
    post, path = "/api/webhook-deliveries/{delivery}/resend", tag = "webhooks",
    params(("delivery" = i64, Path, description = "The number of the delivery")),
    security(("service_key" = [])),
    responses(
        (status = 204, description = "The delivery is pending again, with the same event id, and is tried for a day"),
        ScopeRefusals,
        (status = 404, body = ApiError, description = "There is no such delivery"),
    )
)]
pub(crate) async fn resend(
    State(state): State<AppState>,
    key: ServiceKey,
    Path(delivery): Path<String>,
    _: Option<Json<NoFields>>,
) -> Result<StatusCode, HttpError> {
    key.require(KeyScope::Webhooks)?;
    state.webhooks.resend(number(&delivery)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The number of the path; an invalid one is answered as an unknown one is.
fn number(text: &str) -> Result<i64, HttpError> {
    text.parse().map_err(|_| ErrorCode::NotFound.into())
}
