//! A WebSocket client.

use super::PATIENCE;
use futures::{SinkExt as _, StreamExt as _};
use protocol::{Ack, ClientFrame, ClientId, Message, NewMessage, ServerFrame};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Error};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

fn request(address: &str, headers: &[(&str, &str)]) -> tungstenite::http::Request<()> {
    let mut request = address.into_client_request().unwrap();
    for (name, value) in headers {
        let name: tungstenite::http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

/// The client end of a WebSocket.
pub(crate) struct Socket {
    pub(crate) line: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    pub(crate) async fn open(address: &str, headers: &[(&str, &str)]) -> Result<Self, Error> {
        let opening = tokio_tungstenite::connect_async(request(address, headers));
        let opened = tokio::time::timeout(PATIENCE, opening).await;
        opened.expect("an answer to the upgrade").map(|(line, _)| Self { line })
    }

    /// Opens a socket over an existing connection.
    pub(crate) async fn over(
        stream: TcpStream,
        address: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, Error> {
        let stream = MaybeTlsStream::Plain(stream);
        let opening = tokio_tungstenite::client_async(request(address, headers), stream);
        let opened = tokio::time::timeout(PATIENCE, opening).await;
        opened.expect("an answer to the upgrade").map(|(line, _)| Self { line })
    }

    pub(crate) async fn greeted(&mut self) -> ServerFrame {
        self.until(|frame| matches!(frame, ServerFrame::ConnectionEstablished(_))).await
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.line.send(tungstenite::Message::text(text)).await.unwrap();
    }

    pub(crate) async fn send(&mut self, frame: &ClientFrame) {
        self.text(&serde_json::to_string(frame).unwrap()).await;
    }

    /// Sends a frame; the socket may have closed.
    pub(crate) async fn try_send(&mut self, frame: &ClientFrame) -> Result<(), Error> {
        self.line.send(tungstenite::Message::text(serde_json::to_string(frame).unwrap())).await
    }

    /// The message that is acknowledged with this id; `None` if the socket closed before.
    pub(crate) async fn acknowledges(&mut self, wanted: ClientId) -> Option<Message> {
        let acknowledged = async {
            while let Some(Ok(frame)) = self.line.next().await {
                let tungstenite::Message::Text(text) = frame else { continue };
                match serde_json::from_str(&text).unwrap() {
                    ServerFrame::Ack(Ack { client_id, message }) if client_id == wanted => {
                        return Some(message);
                    }
                    // It goes again, under the same id.
                    ServerFrame::Error(error) if error.client_id == Some(wanted) => return None,
                    _ => {}
                }
            }
            None
        };
        tokio::time::timeout(PATIENCE, acknowledged).await.expect("an answer, or an end")
    }

    /// Sends a message, and waits until it is durable.
    pub(crate) async fn says(&mut self, content: &str) -> Message {
        let client_id = Some(ClientId::mint());
        let content = content.to_owned();
        self.send(&ClientFrame::ChatMessage { conversation_id: None, content, client_id, reply_to: None })
            .await;
        let acked = |frame: &ServerFrame| matches!(frame, ServerFrame::Ack(Ack { client_id: id, .. }) if Some(*id) == client_id);
        match self.until(acked).await {
            ServerFrame::Ack(Ack { message, .. }) => message,
            other => unreachable!("{other:?}"),
        }
    }

    /// Waits for the message with this text.
    pub(crate) async fn hears(&mut self, content: &str) -> Message {
        let wanted = |frame: &ServerFrame| matches!(frame, ServerFrame::NewMessage(NewMessage { message, .. }) if message.content == content);
        match self.until(wanted).await {
            ServerFrame::NewMessage(NewMessage { message, .. }) => message,
            other => unreachable!("{other:?}"),
        }
    }

    /// Waits for the next error.
    pub(crate) async fn refused(&mut self) -> protocol::ErrorBody {
        match self.until(|frame| matches!(frame, ServerFrame::Error(_))).await {
            ServerFrame::Error(error) => error,
            other => unreachable!("{other:?}"),
        }
    }

    /// Waits for the next frame that matches, and skips others.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&ServerFrame) -> bool) -> ServerFrame {
        self.until_within(PATIENCE, wanted).await
    }

    pub(crate) async fn until_within(
        &mut self,
        time: Duration,
        wanted: impl Fn(&ServerFrame) -> bool,
    ) -> ServerFrame {
        let mut seen = Vec::new();
        let found = async {
            loop {
                let frame = self.next().await;
                if wanted(&frame) {
                    return frame;
                }
                seen.push(frame);
            }
        };
        match tokio::time::timeout(time, found).await {
            Ok(frame) => frame,
            Err(_) => panic!("waited in vain; there came {seen:#?}"),
        }
    }

    /// Waits for the next frame, without a timeout.
    pub(crate) async fn next(&mut self) -> ServerFrame {
        loop {
            match self.line.next().await {
                Some(Ok(tungstenite::Message::Text(text))) => {
                    let frame = ServerFrame::decode(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                    return frame.readable().unwrap_or_else(|error| panic!("{error}: {text}"));
                }
                Some(Ok(tungstenite::Message::Close(frame))) => panic!("closed: {frame:?}"),
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("{error}"),
                None => panic!("the line ended"),
            }
        }
    }

    /// All frames before the answer to a ping, after which none is in flight.
    pub(crate) async fn so_far(&mut self) -> Vec<ServerFrame> {
        self.send(&ClientFrame::Ping).await;
        let mut frames = Vec::new();
        loop {
            match tokio::time::timeout(PATIENCE, self.next()).await.expect("a pong") {
                ServerFrame::Pong => return frames,
                frame => frames.push(frame),
            }
        }
    }

    /// Waits for the close frame. Returns its code and the frames before it.
    pub(crate) async fn closed(&mut self) -> (u16, Vec<ServerFrame>) {
        self.closed_within(PATIENCE).await
    }

    pub(crate) async fn closed_within(&mut self, time: Duration) -> (u16, Vec<ServerFrame>) {
        let mut frames = Vec::new();
        let code = async {
            loop {
                match self.line.next().await {
                    Some(Ok(tungstenite::Message::Close(Some(frame)))) => return u16::from(frame.code),
                    Some(Ok(tungstenite::Message::Close(None))) => return 1005,
                    Some(Ok(tungstenite::Message::Text(text))) => {
                        frames.push(serde_json::from_str(&text).unwrap());
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => panic!("no goodbye: {error}"),
                    None => return 1006,
                }
            }
        };
        let code = tokio::time::timeout(time, code).await;
        (code.expect("a goodbye"), frames)
    }
}
