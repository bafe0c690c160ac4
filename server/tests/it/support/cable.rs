//! A TCP connection between client and server that can be cut: from then on nothing passes, and neither end is notified.

use super::PATIENCE;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A connection through the cable.
pub(crate) struct Cable {
    pulled: CancellationToken,
    from_server: JoinHandle<OwnedWriteHalf>,
    _from_client: JoinHandle<OwnedWriteHalf>,
}

impl Cable {
    /// Connects to this address. Returns the end of the client as well.
    pub(crate) async fn lay(to: &str) -> (Self, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let ((client, _), server) = (listener.accept().await.unwrap(), TcpStream::connect(to).await.unwrap());
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let pulled = CancellationToken::new();
        let from_server = tokio::spawn(carry(from_server, to_client, pulled.clone()));
        let from_client = tokio::spawn(carry(from_client, to_server, pulled.clone()));
        (Self { pulled, from_server, _from_client: from_client }, near)
    }

    /// Cuts the connection.
    pub(crate) fn pull(&self) {
        self.pulled.cancel();
    }

    /// Waits until the server closes the connection.
    pub(crate) async fn server_hangs_up(&mut self, within: Duration) {
        tokio::time::timeout(within + PATIENCE, &mut self.from_server).await.expect("an end").unwrap();
    }
}

/// Copies one direction until its source ends. Bytes after the cut are dropped. The other end is returned open, so that it
/// is not notified.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, pulled: CancellationToken) -> OwnedWriteHalf {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        if !pulled.is_cancelled() {
            to.write_all(&buffer[..n]).await.unwrap();
        }
    }
    to
}
