//! WebSocket transport, by `gloo-net`.

use crate::routing::window_base;
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt, future};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, WebSocketError};
use leptos::task::spawn_local;
use protocol::CloseCode;
use std::pin::pin;

/// Event of a socket.
pub(super) enum SocketEvent {
    /// A text frame.
    Text(String),
    /// A binary frame, which the server never sends.
    Binary,
    /// The socket closed, or never opened; with the server's close code where there is one.
    Closed(Option<u16>),
}

/// Handle of a socket. Dropping it closes the socket, and no event follows.
pub(super) struct Socket {
    outgoing: mpsc::UnboundedSender<String>,
}

impl Socket {
    /// Opens `/ws/` of this page's server, below the base of an embedded page. `None` when the browser refuses at once.
    pub(super) fn open(on_event: impl Fn(SocketEvent) + 'static) -> Option<Self> {
        let location = leptos::prelude::window().location();
        let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
        let socket =
            WebSocket::open(&format!("{scheme}://{}{}/ws/", location.host().ok()?, window_base())).ok()?;
        let (outgoing, queue) = mpsc::unbounded();
        spawn_local(run(socket, queue, on_event));
        Some(Self { outgoing })
    }

    /// Queues a text frame; false when the socket has ended.
    pub(super) fn send(&self, text: String) -> bool {
        self.outgoing.unbounded_send(text).is_ok()
    }
}

/// Passes frames both ways until the socket closes or its handle is dropped.
async fn run(socket: WebSocket, queue: mpsc::UnboundedReceiver<String>, on_event: impl Fn(SocketEvent)) {
    let (mut sink, stream) = socket.split();
    let outgoing = pin!(async {
        let mut queue = queue;
        while let Some(text) = queue.next().await {
            if let Err(error) = sink.send(Message::Text(text)).await {
                leptos::logging::warn!("a frame was not sent: {error}");
                // The close event follows, or the keepalive notices that no answer comes.
                return future::pending().await;
            }
        }
    });
    let incoming = pin!(async {
        let mut stream = stream;
        while let Some(message) = stream.next().await {
            match message {
                Ok(Message::Text(text)) => on_event(SocketEvent::Text(text)),
                Ok(Message::Bytes(_)) => on_event(SocketEvent::Binary),
                Err(WebSocketError::ConnectionClose(event)) => {
                    let is_sent = |code: &u16| !matches!(*code, CloseCode::NO_STATUS | CloseCode::ABNORMAL);
                    let code = Some(event.code).filter(is_sent);
                    return on_event(SocketEvent::Closed(code));
                }
                // The browser reports the cause on the console, and the close event follows.
                Err(_) => {}
            }
        }
    });
    future::select(outgoing, incoming).await;
}
