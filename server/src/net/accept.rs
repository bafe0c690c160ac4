//! The accept loop: TCP_NODELAY, the bound of connections per address, a timeout of idle connections, and a shutdown that
//! lets responses finish.

use crate::net::address_limit::{AddressLimit, ConnectionSlot};
use crate::net::connection::{self, RequestPhase, Stream};
use crate::net::listener::Listener;
use crate::net::raw_response::raw_response;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use chat::contain;
use futures::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use protocol::ErrorCode;
use std::net::IpAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::serve";

/// Time after which an idle connection is closed. Longer than the 60 s of common balancers, so that none sends a request on
/// a connection that is being closed; those of `deploy/` keep connections for 60 s. For hyper, it is the time within which
/// the next request head must be complete; a head that has begun has less time ([`connection`]).
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Time that responses and sockets have to finish after the stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The peer address of the connection, which the accept loop adds to each request; `None` on a Unix socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddr(pub(crate) Option<IpAddr>);

/// Serves until `stop` is cancelled, then until responses in progress and open sockets have finished.
pub(crate) async fn serve(
    listener: Listener,
    router: Router,
    address_limit: Option<&AddressLimit>,
    stop: &CancellationToken,
    sockets: &TaskTracker,
) {
    let connections = TaskTracker::new();
    let serve_connection = |accepted, lasts| match accepted {
        Accepted::Tcp(stream, peer) => {
            let _ = stream.set_nodelay(true);
            let Ok(slot) = address_limit.map_or(Ok(None), |limit| limit.take(Some(peer.ip()))) else {
                tracing::debug!(target: LOG_TARGET, address = %peer.ip(), "an address has too many connections");
                // One packet, and a client that is too slow for it may miss it.
                let _ = stream.try_write(&raw_response(ErrorCode::RateLimited));
                return;
            };
            let peer = Peer { address: PeerAddr(Some(peer.ip())), slot };
            serve_connection(stream, peer, router.clone(), &connections, lasts);
        }
        Accepted::Unix(stream) => {
            let peer = Peer { address: PeerAddr(None), slot: None };
            serve_connection(stream, peer, router.clone(), &connections, lasts);
        }
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener) => match accepted {
                Ok(accepted) => serve_connection(accepted, Some(stop.clone())),
                Err(error) => {
                    // Usually out of file descriptors, which are freed as connections end.
                    tracing::warn!(target: LOG_TARGET, cause = %error, "a connection cannot be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    // Connections in the backlog get one response each. Closing the listener then makes a proxy turn to another node at
    // once, instead of waiting for this one to end.
    while let Some(Ok(accepted)) = accept(&listener).now_or_never() {
        serve_connection(accepted, None);
    }
    drop(listener);
    connections.close();
    sockets.close();
    let ended = async { tokio::join!(connections.wait(), sockets.wait()) };
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, ended).await;
}

/// The address of a peer, and its place among the connections of this address.
struct Peer {
    address: PeerAddr,
    slot: Option<ConnectionSlot>,
}

enum Accepted {
    Tcp(tokio::net::TcpStream, std::net::SocketAddr),
    Unix(tokio::net::UnixStream),
}

async fn accept(listener: &Listener) -> std::io::Result<Accepted> {
    match listener {
        Listener::Tcp(listener) => listener.accept().await.map(|(stream, peer)| Accepted::Tcp(stream, peer)),
        Listener::Unix(listener, _) => listener.accept().await.map(|(stream, _)| Accepted::Unix(stream)),
    }
}

/// Serves a connection until `stop`; without it, for a single request.
fn serve_connection(
    stream: impl Stream,
    Peer { address, slot }: Peer,
    router: Router,
    connections: &TaskTracker,
    stop: Option<CancellationToken>,
) {
    let phase = RequestPhase::default();
    let (stream, direct_writer) = connection::open(stream, phase.clone(), slot);
    let ends = phase.clone();
    let service = ServiceExt::<Request<Body>>::map_response(router, move |response: Response| {
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => ends.upgrade(),
            _ => ends.advance(),
        }
        response
    });
    let service = service.map_request(move |request: Request<Incoming>| {
        phase.advance();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(address);
        request.extensions_mut().insert(direct_writer.clone());
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(KEEP_ALIVE)
        .max_buf_size(64 * 1024)
        .keep_alive(stop.is_some())
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    connections.spawn(contain("HTTP connection", async move {
        let mut connection = std::pin::pin!(connection);
        let stopped = async {
            match &stop {
                Some(stop) => stop.cancelled().await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped => {
                // The response in progress is the last one.
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(target: LOG_TARGET, cause = %error, "a connection ended");
        }
    }));
}
