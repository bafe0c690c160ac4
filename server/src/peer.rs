//! Who is at the other end of the line.

use crate::state::Node;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
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

fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<Peer>().and_then(|peer| peer.0)
}

impl FromRequestParts<Node> for Forwarded {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, Infallible> {
        // Several headers of this name are one list.
        let lines = parts.headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let list = lines.collect::<Vec<_>>().join(",");
        Ok(Self { list, trusted: node.proxies.trusts(peer(parts)) })
    }
}

impl FromRequestParts<Node> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, Infallible> {
        let Forwarded { list, .. } = Forwarded::from_request_parts(parts, node).await?;
        Ok(Self(node.proxies.client(peer(parts), Some(&list))))
    }
}
