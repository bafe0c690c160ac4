//! Listen addresses.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A TCP address. Port 0 takes any free port.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl Listen {
    /// Whether the two cannot be bound at the same time.
    pub(super) fn collides(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tcp(one), Self::Tcp(two)) => {
                let all = one.ip().is_unspecified() || two.ip().is_unspecified();
                one.port() == two.port() && one.port() != 0 && (all || one.ip() == two.ip())
            }
            (Self::Unix(one), Self::Unix(two)) => one == two,
            _ => false,
        }
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() {
                Err("a path must follow `unix:`".into())
            } else {
                Ok(Self::Unix(path.into()))
            };
        }
        let text =
            text.strip_prefix("localhost:").map_or(text.to_owned(), |port| format!("127.0.0.1:{port}"));
        text.parse().map(Self::Tcp).map_err(|_| {
            format!("`{text}` is neither an address with a port (127.0.0.1:3000) nor unix:/path/of/a/socket")
        })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
