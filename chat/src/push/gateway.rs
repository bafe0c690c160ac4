//! The outside of web push: the HTTP client and the words, which the program provides.

use super::message::{PushNotice, PushText};
use async_trait::async_trait;
use protocol::Preferences;
use std::sync::Arc;
use std::time::Duration;

/// An encrypted push.
#[derive(Clone, Debug)]
pub struct PushRequest {
    /// The URL at the push service.
    pub endpoint: String,
    /// The headers of the request.
    pub headers: Vec<(&'static str, String)>,
    /// The encrypted payload.
    pub body: Vec<u8>,
}

/// The answer of a push service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushResponse {
    /// The push was accepted.
    Accepted,
    /// The subscription does not exist any more (404, 410).
    Gone,
    /// The push was refused (another 4xx), or may not be sent to this address.
    Refused,
    /// The service cannot take it now (429, 5xx), or did not answer in time. With the time to wait, if it gave one.
    Later(Option<Duration>),
}

/// The HTTP client of pushes.
#[async_trait]
pub trait PushTransport: Send + Sync + 'static {
    /// Checks that pushes may be sent to this URL: the scheme, the host, and the addresses of the host.
    ///
    /// # Errors
    /// The reason of a refusal, for the client.
    async fn check(&self, endpoint: &str) -> Result<(), String>;

    /// Sends a push. The addresses of the host are checked again.
    async fn send(&self, request: PushRequest) -> PushResponse;
}

/// The words of pushes.
pub trait PushWords: Send + Sync + 'static {
    /// Words about unread messages in the person's language. `page_language` is the language of the page that subscribed, for
    /// people who chose none.
    fn text(&self, notice: &PushNotice, preferences: &Preferences, page_language: &str) -> PushText;
}

/// The outside of web push, which the program provides.
#[derive(Clone)]
pub struct PushGateway {
    /// The HTTP client.
    pub transport: Arc<dyn PushTransport>,
    /// The words.
    pub words: Arc<dyn PushWords>,
    /// `mailto:` or `https:` URL of the operator, for push services.
    pub contact: Option<String>,
}
