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

impl FromRequestParts<Node> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().and_then(|peer| peer.0);
        // Several headers of this name are one list.
        let lines = parts.headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let list = lines.collect::<Vec<_>>().join(",");
        Ok(Self(node.proxies.client(peer, Some(&list))))
    }
}
