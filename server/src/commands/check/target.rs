//! The address that is checked, and how to connect to it.

use super::report::Problem;
use crate::config::Origin;
use crate::config::{Config, Listen};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// Timeout of a connection attempt.
const SOON: Duration = Duration::from_secs(10);

/// The address of the server.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The address as given.
    pub(super) shown: String,
    /// The value of `Origin` that browsers send.
    pub(super) origin: Origin,
    pub(super) way: Transport,
    pub(super) tls: Arc<ClientConfig>,
}

/// The transport of a connection.
#[derive(Clone, Debug)]
pub(super) enum Transport {
    Tcp,
    /// The server's Unix socket.
    Unix(PathBuf),
}

/// A bidirectional stream.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// The address that browsers use, by the configuration.
pub(super) fn usual(config: &Config) -> String {
    match (&config.public_url, &config.listen) {
        (Some(public), _) => public.to_string(),
        (None, Listen::Tcp(address)) if address.ip().is_unspecified() => {
            format!("http://127.0.0.1:{}", address.port())
        }
        (None, Listen::Tcp(address)) => format!("http://{address}"),
        (None, Listen::Unix(_)) => config.listen.to_string(),
    }
}

impl Target {
    pub(super) fn read(text: &str, config: &Config, tls: Arc<ClientConfig>) -> Result<Self, Problem> {
        let shown = text.trim_end_matches('/').to_owned();
        if let Some(path) = shown.strip_prefix("unix:") {
            // A proxy in front of the socket sends the public host name. Without one, the server accepts local names.
            let local = || Origin::parse("http://localhost");
            let origin = config.public_url.clone().or_else(local).ok_or_else(|| no_address(&shown))?;
            return Ok(Self { way: Transport::Unix(path.into()), origin, shown, tls });
        }
        let origin = Origin::parse(&shown).ok_or_else(|| no_address(&shown))?;
        Ok(Self { shown, origin, way: Transport::Tcp, tls })
    }

    /// Whether the connection uses TLS. A Unix socket bypasses the proxy, and does not.
    pub(super) fn is_tls(&self) -> bool {
        self.origin.is_https() && matches!(self.way, Transport::Tcp)
    }

    /// `host` or `host:port`, as in the `Host` header.
    pub(super) fn authority(&self) -> String {
        let origin = self.origin.to_string();
        origin.split_once("://").map_or(origin.clone(), |(_, authority)| authority.to_owned())
    }

    /// The base URL of requests.
    pub(super) fn base(&self, scheme: &str) -> String {
        format!("{scheme}{}://{}", if self.is_tls() { "s" } else { "" }, self.authority())
    }

    /// Connects, without TLS.
    pub(super) async fn dial(&self) -> std::io::Result<Box<dyn Stream>> {
        let dialling = async {
            match &self.way {
                Transport::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?) as Box<dyn Stream>),
                Transport::Tcp => {
                    let host = self.origin.host().trim_matches(['[', ']']);
                    let stream = TcpStream::connect((host, self.origin.port())).await?;
                    stream.set_nodelay(true)?;
                    Ok(Box::new(stream) as Box<dyn Stream>)
                }
            }
        };
        tokio::time::timeout(SOON, dialling)
            .await
            .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
    }

    /// The name that the certificate must be valid for.
    pub(super) fn server_name(&self) -> Result<ServerName<'static>, Problem> {
        let host = self.origin.host().trim_matches(['[', ']']).to_owned();
        ServerName::try_from(host).map_err(|_| no_address(&self.shown))
    }
}

fn no_address(text: &str) -> Problem {
    Problem::new(
        format!("`{text}` is not a valid address"),
        "it must be http://host[:port] or https://host[:port] without a path, or unix:/path/of/a/socket",
    )
}

/// Explains a failed connection.
pub(super) fn unreachable(target: &Target, config: &Config, error: &std::io::Error) -> Problem {
    use std::io::ErrorKind;
    let what = error.to_string();
    let here = || format!("RAPPORT_LISTEN={} (or --listen), and check that address", config.listen);
    match (&target.way, error.kind()) {
        (Transport::Unix(path), ErrorKind::PermissionDenied) => {
            Problem::new(what, "this user may not open the socket file")
                .change(format!("chgrp www-data {0} && chmod 660 {0}", path.display()))
        }
        (Transport::Unix(path), _) => Problem::new(what, "the server is not running, or listens elsewhere")
            .change(format!("RAPPORT_LISTEN=unix:{}", path.display())),
        (Transport::Tcp, ErrorKind::ConnectionRefused) => Problem::new(
            what,
            "nothing listens there: the server (or the proxy) is not running, or listens elsewhere",
        )
        .change(here()),
        (Transport::Tcp, ErrorKind::TimedOut) => Problem::new(
            "no response",
            "a firewall drops the packets, or the address belongs to another machine",
        )
        .change(format!("open port {} in the firewall", target.origin.port())),
        (Transport::Tcp, _) => Problem::new(what, "the name has no address, or the network is down")
            .change(format!("the DNS entry of {}", target.origin.host())),
    }
}
