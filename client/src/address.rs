//! The address of a server.

use crate::Error;
use tokio_tungstenite::tungstenite::http::Uri;

/// The origin of a server, without a slash at its end.
#[derive(Clone, Debug)]
pub(crate) struct Address(String);

impl Address {
    /// Reads `http(s)://host[:port]`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let origin = text.trim_end_matches('/');
        let invalid = || Error::Address(text.to_owned());
        let uri: Uri = origin.parse().map_err(|_| invalid())?;
        let is_origin = matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
            && uri.path() == "/"
            && uri.query().is_none();
        if is_origin { Ok(Self(origin.to_owned())) } else { Err(invalid()) }
    }

    /// The URL of a path of the HTTP API.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The URL of the socket of all conversations.
    pub(crate) fn socket(&self) -> String {
        format!("ws{}/ws/", self.0.strip_prefix("http").unwrap_or(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_addresses() {
        for (text, socket) in [
            ("http://localhost:3000", "ws://localhost:3000/ws/"),
            ("https://chat.example/", "wss://chat.example/ws/"),
            ("http://[::1]:3000", "ws://[::1]:3000/ws/"),
        ] {
            assert_eq!(Address::parse(text).expect(text).socket(), socket);
        }
        for text in [
            "",
            "chat.example",
            "ftp://chat.example",
            "https://a@b",
            "https://a/b",
            "https://a/?b",
            "https://",
        ] {
            assert!(matches!(Address::parse(text), Err(Error::Address(_))), "{text}");
        }
    }
}
