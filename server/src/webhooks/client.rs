//! The HTTP client of webhooks.

use crate::outbound::{OutboundClient, retry_after};
use async_trait::async_trait;
use chat::webhooks::{WebhookRequest, WebhookResponse, WebhookTransport};
use reqwest::Response;
use time::OffsetDateTime;

/// The part of an answer that is read, so that its connection can be used again; a longer answer closes it.
const MAX_ANSWER: usize = 16 * 1_024;
/// No answer.
const NONE: WebhookResponse = WebhookResponse { status: None, retry_after: None };

/// Sends events to endpoints.
pub(super) struct WebhookClient(OutboundClient);

impl WebhookClient {
    pub(super) fn new(allow_private: bool) -> Self {
        Self(OutboundClient::new(allow_private))
    }
}

#[async_trait]
impl WebhookTransport for WebhookClient {
    async fn check(&self, url: &str) -> Result<(), String> {
        self.0.check(url).await
    }

    async fn send(&self, request: WebhookRequest) -> WebhookResponse {
        let (Ok(url), Some(http)) = (self.0.allowed(&request.url), self.0.http()) else { return NONE };
        let mut post = http.post(url).body(request.body);
        for (name, value) in request.headers {
            post = post.header(name, value);
        }
        match post.send().await {
            Ok(response) => answer(response).await,
            Err(error) => {
                // Without the URL, which may be a capability.
                tracing::info!(cause = %error.without_url(), "a webhook endpoint cannot be reached");
                NONE
            }
        }
    }
}

/// The status, after the answer was read as far as it is. The time limit of the request covers that.
async fn answer(mut response: Response) -> WebhookResponse {
    let status = Some(response.status().as_u16());
    let retry_after = retry_after(response.headers(), OffsetDateTime::now_utc());
    let mut length = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        length += chunk.len();
        if length > MAX_ANSWER {
            break;
        }
    }
    WebhookResponse { status, retry_after }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::PRIVATE;

    #[tokio::test]
    async fn x3_private_addresses_are_refused_at_the_check_and_at_the_connection() {
        let (strict, open) = (WebhookClient::new(false), WebhookClient::new(true));
        for url in [
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost:8443/x",
        ] {
            assert_eq!(strict.check(url).await, Err(PRIVATE.to_owned()), "{url}");
            let request = WebhookRequest { url: url.into(), headers: Vec::new(), body: Vec::new() };
            assert_eq!(strict.send(request).await, NONE, "{url}");
            assert_eq!(open.check(url).await, Ok(()), "{url}");
        }
        assert!(strict.check("http://8.8.8.8/").await.is_err());
        assert!(strict.check("https://user:pass@8.8.8.8/").await.is_err());
    }
}
