//! Web push, as far as it needs the network and the catalogue: the HTTP client and the words.

mod client;
mod text;

use crate::config::Config;
use chat::push::PushGateway;
use client::PushClient;
use std::sync::Arc;
use text::Catalogue;

/// The gateway with these settings.
pub(crate) fn gateway(config: &Config) -> PushGateway {
    let origin = config.public_url.as_ref().filter(|origin| origin.is_https());
    PushGateway {
        transport: Arc::new(PushClient::new(config.allow_private_push)),
        words: Arc::new(Catalogue),
        contact: config.push_contact.clone().or_else(|| origin.map(ToString::to_string)),
    }
}
