//! An origin, as browsers send it.

use axum::http::Uri;
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
        let authority = rest.parse::<Uri>().ok()?.into_parts().authority?;
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
    fn an_origin_is_written_as_a_browser_writes_it() {
        for text in ["https://chat.example", "http://localhost:3000", "http://[::1]:3000"] {
            assert_eq!(Origin::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Origin::parse("https://Chat.Example:443").unwrap().to_string(), "https://chat.example");
    }
}
