//! Addresses of the peer and of the client, which differ behind a reverse proxy.

use crate::net::accept::PeerAddr;
use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use std::convert::Infallible;
use std::net::IpAddr;

/// Extractor of the client's address; `None` if it is unknown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddr(pub(crate) Option<IpAddr>);

/// Extractor of `X-Forwarded-For`, and of whether the peer is a trusted proxy.
#[derive(Clone, Debug)]
pub(crate) struct ForwardedFor {
    pub(crate) list: String,
    pub(crate) trusted: bool,
}

/// The peer address of the connection; `None` on a Unix socket.
pub(crate) fn peer_addr(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<PeerAddr>().and_then(|peer| peer.0)
}

/// The client's address: that of the peer, or the one that a trusted proxy forwards.
pub(crate) fn client_addr(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    state.proxies.client(peer_addr(extensions), Some(&forwarded_for(headers)))
}

/// All `X-Forwarded-For` headers as one list.
fn forwarded_for(headers: &HeaderMap) -> String {
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    lines.collect::<Vec<_>>().join(",")
}

impl FromRequestParts<AppState> for ForwardedFor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self {
            list: forwarded_for(&parts.headers),
            trusted: state.proxies.trusts(peer_addr(&parts.extensions)),
        })
    }
}

impl FromRequestParts<AppState> for ClientAddr {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self(client_addr(state, &parts.headers, &parts.extensions)))
    }
}
