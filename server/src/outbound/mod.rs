//! Requests to URLs that others give to the server: only https, and only to addresses of the Internet, unless a setting allows
//! others. Redirects are not followed.

mod address;

use address::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Url};
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Time for a lookup of a host, and for a whole request.
const TIMEOUT: Duration = Duration::from_secs(5);

/// An HTTP client that reaches public addresses alone.
pub(crate) struct OutboundClient {
    /// Made for the first request, since it reads the certificates of the system; `None` if it cannot be made.
    http: OnceLock<Option<Client>>,
    /// Allow http, and other addresses than those of the Internet.
    allow_private: bool,
}

impl OutboundClient {
    pub(crate) fn new(allow_private: bool) -> Self {
        Self { http: OnceLock::new(), allow_private }
    }

    /// The client; `None` if it cannot be made.
    pub(crate) fn http(&self) -> Option<&Client> {
        let made = self.http.get_or_init(|| {
            let made = make(self.allow_private);
            made.inspect_err(|error| tracing::error!(cause = %error, "no requests can be sent")).ok()
        });
        made.as_ref()
    }

    /// The URL, if its scheme and, where it is an address, its host are allowed.
    pub(crate) fn allowed(&self, endpoint: &str) -> Result<Url, &'static str> {
        let url = Url::parse(endpoint).map_err(|_| "not a URL")?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            _ => return Err("must be an https URL"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must be without a username and a password");
        }
        // The parser has made addresses of spellings such as `0x7f.1` and `2130706433`.
        let host = url.host_str().ok_or("must have a host")?;
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        match address {
            Ok(address) if !self.allow_private && !is_public(address) => Err(PRIVATE),
            _ => Ok(url),
        }
    }

    /// Checks a URL that somebody gives to the server. Its host is looked up.
    ///
    /// # Errors
    /// The reason of a refusal.
    pub(crate) async fn check(&self, endpoint: &str) -> Result<(), String> {
        let url = self.allowed(endpoint)?;
        if self.allow_private {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let lookup = public_addresses(&host);
        let found = tokio::time::timeout(TIMEOUT, lookup).await.unwrap_or(Err(LookupError::Unknown));
        found.map(drop).map_err(|error| error.to_string())
    }
}

fn make(allow_private: bool) -> reqwest::Result<Client> {
    let builder = Client::builder()
        .user_agent(concat!("Rapport/", env!("CARGO_PKG_VERSION")))
        .timeout(TIMEOUT)
        // An answer could lead to an address that was not checked.
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would look up the host itself.
        .no_proxy()
        .https_only(!allow_private);
    // The client looks hosts up again at each connection, so a name that changes its address later (DNS rebinding) is refused.
    let builder = if allow_private { builder } else { builder.dns_resolver(Arc::new(PublicAddresses)) };
    builder.build()
}

/// The refusal of an address.
pub(crate) const PRIVATE: &str = "must be at a public address";

/// `Retry-After`: seconds, or a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = OffsetDateTime::parse(text, &Rfc2822).ok()? - now;
    Some(until.try_into().unwrap_or_default())
}

/// Why a host is not connected to.
#[derive(Debug, thiserror::Error)]
enum LookupError {
    #[error("the host is unknown")]
    Unknown,
    #[error("{PRIVATE}")]
    Private,
}

/// Whether a request failed because of [`LookupError::Private`].
pub(crate) fn is_private(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if matches!(error.downcast_ref(), Some(LookupError::Private)) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The addresses of a host, if all of them are public.
async fn public_addresses(host: &str) -> Result<Vec<SocketAddr>, LookupError> {
    let found = tokio::net::lookup_host((host, 0)).await.map_err(|_| LookupError::Unknown)?;
    let addresses: Vec<SocketAddr> = found.collect();
    match addresses.iter().all(|address| is_public(address.ip())) {
        _ if addresses.is_empty() => Err(LookupError::Unknown),
        false => Err(LookupError::Private),
        true => Ok(addresses),
    }
}

/// The resolver of the HTTP client.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = public_addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n1_the_time_to_wait_is_in_seconds_or_a_date() {
        let now = OffsetDateTime::from_unix_timestamp(1_445_412_420).unwrap();
        let parsed = |value: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(parsed("120"), Some(120));
        assert_eq!(parsed("Wed, 21 Oct 2015 07:28:00 GMT"), Some(60));
        assert_eq!(parsed("Wed, 21 Oct 2015 07:00:00 GMT"), Some(0));
        assert_eq!((parsed("soon"), parsed("-1")), (None, None));
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
