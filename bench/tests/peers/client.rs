//! A client on the socket of a conversation.

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message, handshake::client::Response};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(30);

/// How a peer refuses a socket.
pub(crate) enum Refusal {
    /// It opens the socket, then closes it with a code.
    Closed,
    /// It answers the upgrade with an error status.
    Http,
}

/// An open socket.
pub(crate) struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// Opens a socket and checks the first frame. Compression is offered and must not be accepted.
    pub(crate) async fn enter(address: &str, conversation: i64, token: &str) -> Self {
        let (socket, answer) = open(address, conversation, token).await.unwrap();
        assert!(!answer.headers().contains_key("sec-websocket-extensions"), "frames are compressed");
        let mut client = Self(socket);
        let greeting = json!({"type": "connection_established", "message": "Connected to chat"});
        assert_eq!(client.hear().await, greeting);
        client
    }

    /// Tries to open a socket; returns the close code or the status of the refusal.
    pub(crate) async fn refused(address: &str, conversation: i64, token: &str) -> u16 {
        match open(address, conversation, token).await {
            Err(Error::Http(answer)) => answer.status().as_u16(),
            Err(error) => panic!("{error}"),
            Ok((mut socket, _)) => match within(socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
                other => panic!("instead of being closed: {other:?}"),
            },
        }
    }

    /// Sends a text.
    pub(crate) async fn write(&mut self, text: &str) {
        within(self.0.send(Message::text(text))).await.unwrap();
    }

    /// Sends a frame.
    pub(crate) async fn tell(&mut self, frame: Value) {
        self.write(&frame.to_string()).await;
    }

    /// The next frame.
    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            match within(self.0.next()).await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("instead of a frame: {other:?}"),
            }
        }
    }

    /// The next frame, which must be a message.
    pub(crate) async fn message(&mut self) -> Value {
        let mut frame = self.hear().await;
        assert_eq!(frame["type"], "new_message", "{frame}");
        frame["message"].take()
    }

    /// Sends a message; returns it as it comes back.
    pub(crate) async fn say(&mut self, content: &str) -> Value {
        self.tell(json!({"type": "chat_message", "content": content})).await;
        self.message().await
    }
}

type Opened = (WebSocketStream<MaybeTlsStream<TcpStream>>, Response);

async fn open(address: &str, conversation: i64, token: &str) -> Result<Opened, Error> {
    let mut request =
        format!("ws://{address}/ws/chat/{conversation}/?token={token}").into_client_request()?;
    request.headers_mut().insert("sec-websocket-extensions", "permessage-deflate".parse().unwrap());
    within(connect_async(request)).await
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("no answer within 30 s")
}
