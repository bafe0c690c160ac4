//! Which pages are ours, and which names this server answers to.

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

    /// Whether pages come over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, as it stands in an address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, said or not.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether only this machine can mean it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        LOCAL.contains(&self.host.as_str())
    }

    fn answers_to(&self, host: &str) -> bool {
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

/// What this server is called from outside.
#[derive(Clone, Debug)]
pub struct Ours {
    public: Option<Origin>,
    allowed: Vec<Origin>,
    /// The port that we listen on; none on a Unix socket, where any port may be in front.
    port: Option<u16>,
}

const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

impl Ours {
    /// From the configuration and the port that was taken.
    #[must_use]
    pub fn new(public: Option<Origin>, allowed: Vec<Origin>, port: Option<u16>) -> Self {
        Self { public, allowed, port }
    }

    /// The exact origin that browsers use, as far as we were told.
    #[must_use]
    pub fn public(&self) -> Option<&Origin> {
        self.public.as_ref()
    }

    /// The port that we listen on; none on a Unix socket.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether browsers reach us over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public.as_ref().is_some_and(Origin::is_https)
    }

    /// Whether a page of this origin is one of our own.
    #[must_use]
    pub fn has_page(&self, origin: &str) -> bool {
        let Some(origin) = Origin::parse(origin) else { return false };
        match &self.public {
            Some(public) => origin == *public,
            None => {
                LOCAL.contains(&origin.host.as_str())
                    && self.port.is_none_or(|port| port == origin.port && !origin.https)
            }
        }
    }

    /// Whether a page of this origin may open a socket with our cookie.
    #[must_use]
    pub fn may_connect(&self, origin: &str) -> bool {
        self.has_page(origin) || Origin::parse(origin).is_some_and(|origin| self.allowed.contains(&origin))
    }

    /// Whether a request for this `Host` is meant for us.
    #[must_use]
    pub fn answers_to(&self, host: &str) -> bool {
        if self.public.as_ref().is_some_and(|public| public.answers_to(host)) {
            return true;
        }
        // This machine itself may always ask: health checks, `rapport check`, the proxy beside us.
        Origin::parse(&format!("http://{host}")).is_some_and(|asked| {
            LOCAL.contains(&asked.host.as_str()) && self.port.is_none_or(|port| port == asked.port)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Ours {
        Ours::new(
            Origin::parse("https://chat.example"),
            vec![Origin::parse("https://shop.example").unwrap()],
            Some(3000),
        )
    }

    #[test]
    fn b1_ours_exactly() {
        let ours = public();
        assert!(ours.has_page("https://chat.example"));
        assert!(ours.may_connect("https://shop.example") && !ours.has_page("https://shop.example"));
        for other in [
            "null",
            "",
            "https://chat.example.evil",
            "https://evilchat.example",
            "http://chat.example",
            "https://chat.example:8443",
            "https://chat.example/",
            "https://chat.example@evil.example",
            "https://evil.example",
            "http://localhost:3000",
            "https://shop.example.evil",
        ] {
            assert!(!ours.may_connect(other), "{other}");
        }
        let local = Ours::new(None, vec![], Some(3000));
        for good in ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"] {
            assert!(local.may_connect(good), "{good}");
        }
        for bad in
            ["http://localhost:3001", "http://localhost", "https://localhost:3000", "http://127.0.0.2:3000"]
        {
            assert!(!local.may_connect(bad), "{bad}");
        }
    }

    #[test]
    fn a_foreign_host_is_not_ours() {
        let ours = public();
        for good in ["chat.example", "CHAT.example", "chat.example:443", "127.0.0.1:3000", "localhost:3000"] {
            assert!(ours.answers_to(good), "{good}");
        }
        for bad in
            ["", "evil.example", "chat.example.evil", "chat.example:1", "localhost", "chat.example:", "a b"]
        {
            assert!(!ours.answers_to(bad), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_written_as_a_browser_writes_it() {
        for text in ["https://chat.example", "http://localhost:3000", "http://[::1]:3000"] {
            assert_eq!(Origin::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Origin::parse("https://Chat.Example:443").unwrap().to_string(), "https://chat.example");
    }
}
