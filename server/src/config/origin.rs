//! An origin, as browsers send it.

use axum::http::Uri;
use std::borrow::Cow;
use std::fmt;

/// Scheme, host and port, as a browser writes them into `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// Reads `http(s)://host[:port]` and nothing more.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (https, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://")?),
        };
        if rest.is_empty() || rest.contains(['/', '?', '#', '@', '*', ' ']) {
            return None;
        }
        let authority = ascii(rest)?.parse::<Uri>().ok()?.into_parts().authority?;
        let default = if https { 443 } else { 80 };
        // `host:` and `host:99999` have no port that can be read, but are more than a host.
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.as_str() == authority.host() => default,
            None => return None,
        };
        Some(Self { https, host: authority.host().to_ascii_lowercase(), port })
    }

    /// Whether the scheme is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, in lower case; an IPv6 address has brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; by default the scheme's.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the host is a name or address of the local machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        LOCAL.contains(&self.host.as_str())
    }

    /// Whether a `Host` header names this origin.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        let scheme = if self.https { "https" } else { "http" };
        Self::parse(&format!("{scheme}://{host}")).is_some_and(|asked| asked == *self)
    }
}

/// The host and port with an internationalised domain as Punycode, as browsers send it.
fn ascii(host_and_port: &str) -> Option<Cow<'_, str>> {
    if host_and_port.is_ascii() {
        return Some(host_and_port.into());
    }
    let (host, port) = match host_and_port.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (host_and_port, None),
    };
    let host = idna::domain_to_ascii_strict(host).ok()?;
    Some(port.map_or(host.clone(), |port| format!("{host}:{port}")).into())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, default) = if self.https { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == default { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// Host names that only this machine can mean.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_formatted_as_by_browsers() {
        for text in ["https://chat.example", "http://localhost:3000", "http://[::1]:3000"] {
            assert_eq!(Origin::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Origin::parse("https://Chat.Example:443").unwrap().to_string(), "https://chat.example");
    }
    #[test]
    fn v30_an_internationalised_domain_is_taken_and_written_as_punycode() {
        for (text, written) in [
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("https://BÜCHER.example:8443", "https://xn--bcher-kva.example:8443"),
            ("https://دردشة.example", "https://xn--ogblahq.example"),
        ] {
            let origin = Origin::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(origin.to_string(), written);
            assert_eq!(Origin::parse(written), Some(origin));
        }
        for bad in [
            "https://bü cher.example",
            "https://bü_cher.example",
            "https://ü.example:x",
            "https://-ü.example",
        ] {
            assert_eq!(Origin::parse(bad), None, "{bad}");
        }
    }
}
