//! Addresses of the peer and of the client, which differ behind a reverse proxy.

use super::forwarded::Forwarded;
use crate::config::TrustedProxies;
use crate::net::accept::PeerAddr;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

/// Extractor of the client's address; `None` if it is unknown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddr(pub(crate) Option<IpAddr>);

/// Extractor of the addresses that proxies report, and of whether the peer is a trusted proxy.
#[derive(Clone, Debug)]
pub(crate) struct ForwardedFor {
    pub(crate) list: String,
    pub(crate) trusted: bool,
    /// Whether the nearest proxy's entry is an address.
    pub(crate) understood: bool,
}

/// The peer address of the connection; `None` on a Unix socket.
pub(crate) fn peer_addr(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<PeerAddr>().and_then(|peer| peer.0)
}

/// The client's address: that of the peer, or the one that a trusted proxy forwards.
pub(crate) fn client_addr(
    proxies: &TrustedProxies,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Option<IpAddr> {
    Forwarded::of(headers).client(proxies, peer_addr(extensions))
}

impl<S> FromRequestParts<S> for ForwardedFor
where
    S: Send + Sync,
    Arc<TrustedProxies>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let proxies = Arc::<TrustedProxies>::from_ref(state);
        let forwarded = Forwarded::of(&parts.headers);
        Ok(Self {
            list: forwarded.text().to_owned(),
            understood: forwarded.is_understood(),
            trusted: proxies.trusts(peer_addr(&parts.extensions)),
        })
    }
}

impl<S> FromRequestParts<S> for ClientAddr
where
    S: Send + Sync,
    Arc<TrustedProxies>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let proxies = Arc::<TrustedProxies>::from_ref(state);
        Ok(Self(client_addr(&proxies, &parts.headers, &parts.extensions)))
    }
}
