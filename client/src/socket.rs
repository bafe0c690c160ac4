//! The socket of one connection.

use crate::Error;
use crate::address::Address;
use futures::{SinkExt as _, StreamExt as _};
use protocol::{ClientFrame, CloseCode, ServerFrame};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Time for an upgrade, and for a write.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Silence after which the connection is taken for lost: the server pings every 20 s.
const SILENCE: Duration = Duration::from_secs(45);

/// The end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// The close code; `None` if there was no close frame.
    pub(crate) code: Option<u16>,
}

pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The time at which the server sent something last. It outlives the futures of [`Self::next`], which commands cancel.
    last_heard: Instant,
}

impl Socket {
    /// Opens the socket of all conversations.
    pub(crate) async fn open(address: &Address, token: &str) -> Result<Self, Error> {
        let unreachable = |error: tungstenite::Error| Error::Unreachable(error.to_string());
        let mut request = address.socket().into_client_request().map_err(unreachable)?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Error::Closed(CloseCode::NotAuthenticated.code()))?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let opening = tokio_tungstenite::connect_async(request);
        let opened = tokio::time::timeout(TIMEOUT, opening).await;
        let opened = opened.map_err(|_| Error::Unreachable("no answer to the upgrade".to_owned()))?;
        opened.map(|(stream, _)| Self { stream, last_heard: Instant::now() }).map_err(unreachable)
    }

    /// The next frame. Frames that this version cannot read are skipped.
    ///
    /// Cancel-safe: a frame that was read is returned.
    pub(crate) async fn next(&mut self) -> Result<ServerFrame, Lost> {
        loop {
            let received = tokio::time::timeout_at(self.last_heard + SILENCE, self.stream.next()).await;
            self.last_heard = Instant::now();
            match received {
                Ok(Some(Ok(Message::Text(text)))) => match ServerFrame::decode(&text) {
                    Ok(ServerFrame::Unreadable(_)) | Err(_) => {}
                    Ok(frame) => return Ok(frame),
                },
                Ok(Some(Ok(Message::Close(frame)))) => {
                    let code = frame.map_or(CloseCode::NO_STATUS, |frame| u16::from(frame.code));
                    return Err(Lost { code: Some(code) });
                }
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) | Err(_) => return Err(Lost { code: None }),
            }
        }
    }

    /// Sends a frame.
    pub(crate) async fn send(&mut self, frame: &ClientFrame) -> Result<(), Lost> {
        // Every frame has a JSON form.
        let text = serde_json::to_string(frame).map_err(|_| Lost { code: None })?;
        match tokio::time::timeout(TIMEOUT, self.stream.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            // The close frame, if there is one, is still to be read.
            Ok(Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed)) => Ok(()),
            _ => Err(Lost { code: None }),
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(mut self) {
        let _ = tokio::time::timeout(TIMEOUT, self.stream.close(None)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn x3_a_silent_connection_is_lost_also_while_commands_come() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let accepting =
            async { tokio_tungstenite::accept_async(listener.accept().await.unwrap().0).await.unwrap() };
        let (socket, _silent) = tokio::join!(Socket::open(&address, "token"), accepting);
        let mut socket = socket.unwrap();
        tokio::time::pause();
        for _ in 0..4 {
            tokio::select! {
                received = socket.next() => return assert_eq!(received.unwrap_err(), Lost { code: None }),
                () = tokio::time::sleep(SILENCE / 3) => {}
            }
        }
        panic!("the connection is taken for alive");
    }
}
