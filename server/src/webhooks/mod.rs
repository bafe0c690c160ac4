//! Webhooks, as far as they need the network.

mod client;

use crate::backend::Backend;
use crate::config::Config;
use chat::webhooks::Webhooks;
use client::WebhookClient;
use std::sync::Arc;

/// The webhooks of an installation with these settings.
pub(crate) fn webhooks(backend: &Backend, config: &Config) -> Webhooks {
    let client = Arc::new(WebhookClient::new(config.allow_private_webhooks));
    Webhooks::new(Arc::clone(&backend.store), Arc::clone(&backend.clock), &backend.secret, client)
}
