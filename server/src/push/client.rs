//! The HTTP client of pushes.

use crate::outbound::{OutboundClient, is_private, retry_after};
use async_trait::async_trait;
use chat::push::{PushRequest, PushResponse, PushTransport};
use reqwest::Response;
use time::OffsetDateTime;

/// Sends pushes.
pub(super) struct PushClient(OutboundClient);

impl PushClient {
    pub(super) fn new(allow_private: bool) -> Self {
        Self(OutboundClient::new(allow_private))
    }
}

#[async_trait]
impl PushTransport for PushClient {
    async fn check(&self, endpoint: &str) -> Result<(), String> {
        self.0.check(endpoint).await
    }

    async fn send(&self, request: PushRequest) -> PushResponse {
        let Ok(url) = self.0.allowed(&request.endpoint) else { return PushResponse::Refused };
        let Some(http) = self.0.http() else { return PushResponse::Later(None) };
        let mut post = http.post(url).body(request.body);
        for (name, value) in request.headers {
            post = post.header(name, value);
        }
        match post.send().await {
            Ok(response) => outcome(&response),
            Err(error) if is_private(&error) => PushResponse::Refused,
            Err(error) => {
                // Without the URL, which is a capability.
                tracing::info!(cause = %error.without_url(), "a push service cannot be reached");
                PushResponse::Later(None)
            }
        }
    }
}

fn outcome(response: &Response) -> PushResponse {
    let status = response.status().as_u16();
    match status {
        200..=299 => PushResponse::Accepted,
        404 | 410 => PushResponse::Gone,
        408 | 429 | 500.. => PushResponse::Later(retry_after(response.headers(), OffsetDateTime::now_utc())),
        _ => {
            let service = response.url().host_str().unwrap_or_default();
            tracing::warn!(status, service, "a push service refused a push");
            PushResponse::Refused
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::PRIVATE;

    /// URLs that only the setting allows.
    const PRIVATE_URLS: [&str; 16] = [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://10.0.0.1:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://0/",
        "https://①②⑦.0.0.1/",
    ];

    #[tokio::test]
    async fn n1_endpoints_at_private_addresses_are_refused_in_every_spelling() {
        let (strict, open) = (PushClient::new(false), PushClient::new(true));
        for url in PRIVATE_URLS {
            assert_eq!(strict.check(url).await, Err(PRIVATE.to_owned()), "{url}");
            let request = PushRequest { endpoint: url.into(), headers: Vec::new(), body: Vec::new() };
            assert_eq!(strict.send(request).await, PushResponse::Refused, "{url}");
            assert_eq!(open.check(url).await, Ok(()), "{url}");
        }
        // Public ones need no lookup.
        assert_eq!(strict.check("https://8.8.8.8/x").await, Ok(()));
    }

    #[tokio::test]
    async fn n1_endpoints_are_https_urls() {
        let (strict, open) = (PushClient::new(false), PushClient::new(true));
        for url in ["", "x", "//push.example/", "/x", "https://", "https://[::1"] {
            for client in [&strict, &open] {
                assert_eq!(client.check(url).await, Err("not a URL".to_owned()), "{url}");
            }
        }
        for url in
            ["ftp://8.8.8.8/", "file:///etc/passwd", "data:text/plain,x", "unix:/run/x", "ws://8.8.8.8/"]
        {
            for client in [&strict, &open] {
                assert_eq!(client.check(url).await, Err("must be an https URL".to_owned()), "{url}");
            }
        }
        assert_eq!(strict.check("http://8.8.8.8/").await, Err("must be an https URL".to_owned()));
        assert_eq!(open.check("http://8.8.8.8/").await, Ok(()));
        for url in ["https://user@8.8.8.8/", "https://:pass@8.8.8.8/"] {
            assert!(strict.check(url).await.is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn n1_names_of_private_addresses_are_refused_at_the_check_and_at_the_connection() {
        let strict = PushClient::new(false);
        // `/etc/hosts`, on every machine.
        for url in ["https://localhost/", "https://localhost:9/x", "https://LOCALHOST/"] {
            assert_eq!(strict.check(url).await, Err(PRIVATE.to_owned()), "{url}");
            let request = PushRequest { endpoint: url.into(), headers: Vec::new(), body: Vec::new() };
            assert_eq!(strict.send(request).await, PushResponse::Refused, "{url}");
        }
        assert_eq!(strict.check("https://nowhere.invalid/").await, Err("the host is unknown".to_owned()));
    }
}
