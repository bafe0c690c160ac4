//! The accept loop: TCP_NODELAY, a timeout for request headers, and a shutdown that lets responses finish.

use crate::net::connection::{self, Stream};
use crate::net::listener::Listener;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chat::contain;
use futures::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::IpAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::serve";

/// Time within which the header of a request must arrive; it also ends idle connections.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Time that responses and sockets have to finish after the stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The peer address of the connection, which the accept loop adds to each request; `None` on a Unix socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddr(pub(crate) Option<IpAddr>);

/// Serves until `stop` is cancelled, then until responses in progress and open sockets have finished.
pub(crate) async fn serve(
    listener: Listener,
    router: Router,
    stop: &CancellationToken,
    sockets: &TaskTracker,
) {
    let connections = TaskTracker::new();
    let serve_connection = |accepted, lasts| match accepted {
        Accepted::Tcp(stream, peer) => {
            let _ = stream.set_nodelay(true);
            serve_connection(stream, PeerAddr(Some(peer.ip())), router.clone(), &connections, lasts);
        }
        Accepted::Unix(stream) => {
            serve_connection(stream, PeerAddr(None), router.clone(), &connections, lasts)
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
    peer: PeerAddr,
    router: Router,
    connections: &TaskTracker,
    stop: Option<CancellationToken>,
) {
    let (stream, direct_writer) = connection::open(stream);
    let service = router.map_request(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(direct_writer.clone());
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
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
