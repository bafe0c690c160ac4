//! Endpoints and their deliveries, as operators and products manage them.

use super::signature::{SigningSecret, salt_of_request};
use super::transport::WebhookTransport;
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::service_keys::KeyRequest;
use crate::store::{
    DeliveryRecord, MAX_ENDPOINT, NewWebhook, Store, Webhook, WebhookEventKind, WebhookEvents,
};
use crate::timings::WEBHOOK_TRIED_FOR_MICROS;
use crate::{Clock, Error, Result};
use protocol::{ErrorBody, ErrorCode, Timestamp};
use std::sync::Arc;

/// Maximum length of the kind of a subject.
const MAX_SUBJECT_KIND: usize = 64;
/// Maximum number of deliveries of a page.
const MAX_PAGE: usize = 100;

/// A new endpoint.
#[derive(Clone)]
pub struct AddedWebhook {
    /// The endpoint.
    pub webhook: Webhook,
    /// The signing secret (`whsec_…`), which cannot be read again.
    pub secret: String,
}

/// The webhooks of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    pub(super) store: Arc<dyn Store>,
    pub(super) transport: Arc<dyn WebhookTransport>,
    clock: Arc<dyn Clock>,
    secret: Arc<[u8]>,
}

impl Webhooks {
    /// The webhooks of the installation with this store and this secret.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        secret: &[u8],
        transport: Arc<dyn WebhookTransport>,
    ) -> Self {
        Self { store, transport, clock, secret: secret.into() }
    }

    /// Adds an endpoint that is told of these kinds of events, of all conversations or of those about subjects of one kind. Other
    /// nodes, and a server beside a command, store events for it after at most a second. A repeat of the same request gives the same
    /// endpoint and secret, as long as the endpoint exists.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] with the name of the field: a URL that is too long, no https URL or at a private address, no or an
    /// unknown event, or too many endpoints. [`ErrorCode::IdConflict`]: the id was used for another request.
    pub async fn add(
        &self,
        url: &str,
        events: &[String],
        subject_kind: Option<&str>,
        request: Option<KeyRequest>,
    ) -> Result<AddedWebhook> {
        let events = parse_events(events)?;
        let subject_kind = subject_kind.map(parse_subject_kind).transpose()?;
        if url.len() > MAX_ENDPOINT {
            return Err(invalid("url", "at most 2,048 characters"));
        }
        // Others are percent-encoded in a URL.
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid("url", "not a URL"));
        }
        self.transport.check(url).await.map_err(|why| invalid("url", &why))?;
        let mut salt = [0; 16];
        match request {
            Some(request) => {
                salt = salt_of_request(&self.secret, request.service_key, request.client_id)?;
            }
            None => getrandom::fill(&mut salt).map_err(|error| Error::Internal(error.to_string()))?,
        }
        let secret = SigningSecret::derive(&self.secret, &salt)?.text();
        let new = NewWebhook {
            url: url.to_owned(),
            events,
            subject_kind,
            salt,
            repeatable_by: request.map(|request| request.service_key),
        };
        let webhook = self.store.add_webhook(&new, self.clock.now()).await?;
        self.store.webhook_switch().want(events);
        AuditEvent::new(AuditAction::AddWebhook, AuditOutcome::Ok).emit();
        Ok(AddedWebhook { webhook, secret })
    }

    /// All endpoints, in the order in which they were added.
    pub async fn list(&self) -> Result<Vec<Webhook>> {
        self.store.webhooks().await
    }

    /// Removes an endpoint with its deliveries.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`]
    pub async fn remove(&self, id: i64) -> Result<()> {
        if !self.store.remove_webhook(id).await? {
            return Err(Error::not_found());
        }
        AuditEvent::new(AuditAction::RemoveWebhook, AuditOutcome::Ok).emit();
        Ok(())
    }

    /// Deliveries of an endpoint before a number (`None`: the newest), newest first, at most `limit`, from 1 to 100.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is no such endpoint.
    pub async fn deliveries(
        &self,
        id: i64,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>> {
        if !self.store.webhooks().await?.iter().any(|webhook| webhook.id == id) {
            return Err(Error::not_found());
        }
        self.store.webhook_deliveries(id, before, limit.clamp(1, MAX_PAGE)).await
    }

    /// Sends a delivery again, with the same id: it is pending again, and tried for a day.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`]
    pub async fn resend(&self, delivery: i64) -> Result<()> {
        let now = self.clock.now();
        let until = Timestamp(now.0 + WEBHOOK_TRIED_FOR_MICROS);
        if !self.store.resend_webhook_event(delivery, now, until).await? {
            return Err(Error::not_found());
        }
        self.store.webhook_switch().note();
        AuditEvent::new(AuditAction::ResendWebhook, AuditOutcome::Ok).emit();
        Ok(())
    }

    /// The signing secret of an endpoint.
    pub(crate) fn secret_of(&self, webhook: &Webhook) -> Result<SigningSecret> {
        SigningSecret::derive(&self.secret, &webhook.salt)
    }
}

fn parse_events(names: &[String]) -> Result<WebhookEvents> {
    let known = || WebhookEventKind::ALL.map(WebhookEventKind::as_str).join(", ");
    let kind = |name: &String| {
        let kind = WebhookEventKind::parse(name);
        kind.ok_or_else(|| invalid("events", &format!("each must be one of {}", known())))
    };
    let events: WebhookEvents = names.iter().map(kind).collect::<Result<Vec<_>>>()?.into_iter().collect();
    if events.is_empty() {
        return Err(invalid("events", &format!("at least one of {}", known())));
    }
    Ok(events)
}

fn parse_subject_kind(kind: &str) -> Result<String> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if kind.is_empty() || kind.len() > MAX_SUBJECT_KIND || !kind.bytes().all(is_word) {
        return Err(invalid("subject_kind", "1 to 64 letters, digits, - and _"));
    }
    Ok(kind.to_owned())
}

/// The refusal of a field.
fn invalid(field: &str, why: &str) -> Error {
    ErrorBody::because(ErrorCode::Invalid, format!("{field}: {why}")).into()
}
