//! The accept loop: small packets at once, no patience with a client that does not finish its request's head, and an
//! end that lets answers finish.

use crate::auth::client_addr::PeerAddr;
use crate::net::connection::{self, Stream};
use crate::net::listener::Listener;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use futures::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::serve";

/// A request's head must be there within this time; so a connection that says nothing goes as well.
const HEAD: Duration = Duration::from_secs(30);
/// After the stop, answers have this long to finish.
const FINISH: Duration = Duration::from_secs(5);

/// Serves until the stop, then until begun answers and open sockets are through.
pub(crate) async fn serve(
    listener: Listener,
    router: Router,
    stop: &CancellationToken,
    sockets: &TaskTracker,
) {
    let connections = TaskTracker::new();
    let speak = |accepted, lasts| match accepted {
        Accepted::Tcp(stream, peer) => {
            let _ = stream.set_nodelay(true);
            speak(stream, PeerAddr(Some(peer.ip())), router.clone(), &connections, lasts);
        }
        Accepted::Unix(stream) => speak(stream, PeerAddr(None), router.clone(), &connections, lasts),
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener) => match accepted {
                Ok(accepted) => speak(accepted, Some(stop.clone())),
                Err(error) => {
                    // Out of file descriptors, as a rule: they come back as connections end.
                    tracing::warn!(target: LOG_TARGET, cause = %error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    // Whoever had reached us already is answered once. From then on nobody can: a proxy turns to another node at once,
    // rather than wait for our end.
    while let Some(Ok(accepted)) = accept(&listener).now_or_never() {
        speak(accepted, None);
    }
    drop(listener);
    connections.close();
    sockets.close();
    let ended = async { tokio::join!(connections.wait(), sockets.wait()) };
    let _ = tokio::time::timeout(FINISH, ended).await;
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

/// Serves a connection until this stop; without one, for one request alone.
fn speak(
    stream: impl Stream,
    peer: PeerAddr,
    router: Router,
    connections: &TaskTracker,
    stop: Option<CancellationToken>,
) {
    let (line, way) = connection::open(stream);
    let service = router.map_request(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(way.clone());
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(64 * 1024)
        .keep_alive(stop.is_some())
        .serve_connection(TokioIo::new(line), TowerToHyperService::new(service))
        .with_upgrades();
    connections.spawn(async move {
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
                // The answer that was begun is the last.
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(target: LOG_TARGET, cause = %error, "a connection ended");
        }
    });
}
