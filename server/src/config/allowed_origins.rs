//! The origins and host names that requests may come with.

use super::Origin;

/// The public origin of this server, and others whose pages may open sockets.
#[derive(Clone, Debug)]
pub(crate) struct AllowedOrigins {
    public: Option<Origin>,
    allowed: Vec<Origin>,
    /// The port that the server listens on; `None` on a Unix socket, where a proxy may use any port.
    port: Option<u16>,
}

impl AllowedOrigins {
    /// From the configuration and the port that the listener is bound to.
    pub(crate) fn new(public: Option<Origin>, allowed: Vec<Origin>, port: Option<u16>) -> Self {
        Self { public, allowed, port }
    }

    /// The public origin, if one is configured.
    pub(crate) fn public(&self) -> Option<&Origin> {
        self.public.as_ref()
    }

    /// The port that the server listens on; `None` on a Unix socket.
    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether browsers connect over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.public.as_ref().is_some_and(Origin::is_https)
    }

    /// Whether the origin is that of this server.
    pub(crate) fn is_own(&self, origin: &str) -> bool {
        let Some(origin) = Origin::parse(origin) else { return false };
        match &self.public {
            Some(public) => origin == *public,
            None => {
                origin.is_local() && self.port.is_none_or(|port| port == origin.port() && !origin.is_https())
            }
        }
    }

    /// Whether pages of the origin may open a socket that is authenticated by the session cookie.
    pub(crate) fn may_open_socket(&self, origin: &str) -> bool {
        self.is_own(origin) || Origin::parse(origin).is_some_and(|origin| self.allowed.contains(&origin))
    }

    /// Whether the server answers requests for this `Host`.
    pub(crate) fn accepts_host(&self, host: &str) -> bool {
        if self.public.as_ref().is_some_and(|public| public.has_host(host)) {
            return true;
        }
        // Local names are always accepted: health checks, `rapport check` and a local proxy use them.
        Origin::parse(&format!("http://{host}"))
            .is_some_and(|asked| asked.is_local() && self.port.is_none_or(|port| port == asked.port()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> AllowedOrigins {
        AllowedOrigins::new(
            Origin::parse("https://chat.example"),
            vec![Origin::parse("https://shop.example").unwrap()],
            Some(3000),
        )
    }

    #[test]
    fn b1_only_exact_origins_are_allowed() {
        let origins = public();
        assert!(origins.is_own("https://chat.example"));
        assert!(origins.may_open_socket("https://shop.example") && !origins.is_own("https://shop.example"));
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
            assert!(!origins.may_open_socket(other), "{other}");
        }
        let local = AllowedOrigins::new(None, vec![], Some(3000));
        for good in ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"] {
            assert!(local.may_open_socket(good), "{good}");
        }
        for bad in
            ["http://localhost:3001", "http://localhost", "https://localhost:3000", "http://127.0.0.2:3000"]
        {
            assert!(!local.may_open_socket(bad), "{bad}");
        }
    }

    #[test]
    fn foreign_hosts_are_rejected() {
        let origins = public();
        for good in ["chat.example", "CHAT.example", "chat.example:443", "127.0.0.1:3000", "localhost:3000"] {
            assert!(origins.accepts_host(good), "{good}");
        }
        for bad in
            ["", "evil.example", "chat.example.evil", "chat.example:1", "localhost", "chat.example:", "a b"]
        {
            assert!(!origins.accepts_host(bad), "{bad}");
        }
    }
}
