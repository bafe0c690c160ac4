//! Interface to the network.

use async_trait::async_trait;
use std::time::Duration;

/// A request to an endpoint.
#[derive(Clone, Debug)]
pub struct WebhookRequest {
    /// The URL.
    pub url: String,
    /// Names and values of headers.
    pub headers: Vec<(&'static str, String)>,
    /// The payload as JSON.
    pub body: Vec<u8>,
}

/// The answer of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookResponse {
    /// The HTTP status; `None` if there was no answer in time.
    pub status: Option<u16>,
    /// The time to wait that the endpoint asked for.
    pub retry_after: Option<Duration>,
}

/// The HTTP client of webhooks.
#[async_trait]
pub trait WebhookTransport: Send + Sync + 'static {
    /// Checks the URL of a new endpoint.
    ///
    /// # Errors
    /// The reason of a refusal: no https URL, or at a private address.
    async fn check(&self, url: &str) -> Result<(), String>;

    /// Sends a request, and waits for the answer for at most five seconds. Redirects are not followed, and private addresses not
    /// connected to.
    async fn send(&self, request: WebhookRequest) -> WebhookResponse;
}
