//! Who is at the other end of the line.

use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use std::convert::Infallible;
use std::net::IpAddr;

/// The neighbour's address, put into each request by the accept loop; none on a Unix socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) Option<IpAddr>);

/// The client's address, as far as it can be known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub(crate) Option<IpAddr>);

/// What proxies say of the client's address, and whether the neighbour is believed.
#[derive(Clone, Debug)]
pub(crate) struct Forwarded {
    pub(crate) list: String,
    pub(crate) trusted: bool,
}

/// The neighbour's address; none on a Unix socket.
pub(crate) fn neighbour(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<Peer>().and_then(|peer| peer.0)
}

/// The client's address, as far as it can be known.
pub(crate) fn client(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    state.proxies.client(neighbour(extensions), Some(&forwarded(headers)))
}

/// Several headers of this name are one list.
fn forwarded(headers: &HeaderMap) -> String {
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    lines.collect::<Vec<_>>().join(",")
}

impl FromRequestParts<AppState> for Forwarded {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self {
            list: forwarded(&parts.headers),
            trusted: state.proxies.trusts(neighbour(&parts.extensions)),
        })
    }
}

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self(client(state, &parts.headers, &parts.extensions)))
    }
}
