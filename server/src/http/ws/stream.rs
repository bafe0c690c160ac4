//! Adapts axum's WebSocket to the messages of the domain, in the wire format of the socket.

use super::wire;
use crate::config::Wire;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use chat::connection::{Incoming, Outgoing, ReadFault};
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use protocol::CloseCode;
use std::num::NonZeroU16;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio_tungstenite::tungstenite;

/// A WebSocket as the stream and sink of a connection of the domain. It records close codes.
pub(super) struct SocketStream {
    socket: WebSocket,
    /// Close code that the server sent.
    sent_code: Option<NonZeroU16>,
    /// Close code that the client sent; [`CloseCode::NO_STATUS`] if its close frame had none.
    received_code: Option<NonZeroU16>,
    wire: Wire,
}

impl SocketStream {
    pub(super) fn new(socket: WebSocket, wire: Wire) -> Self {
        Self { socket, sent_code: None, received_code: None, wire }
    }

    /// The close code of the socket; `None` if it ended without a close frame.
    pub(super) fn close_code(&self) -> Option<u16> {
        self.sent_code.or(self.received_code).map(NonZeroU16::get)
    }
}

impl Stream for SocketStream {
    type Item = Result<Incoming, ReadFault>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let message = ready!(self.socket.poll_next_unpin(cx));
        Poll::Ready(message.map(|message| match message {
            Ok(Message::Text(text)) => Ok(Incoming::Text(wire::read(self.wire, text.as_str().to_owned()))),
            Ok(Message::Binary(_)) => Ok(Incoming::Binary),
            Ok(Message::Ping(_) | Message::Pong(_)) => Ok(Incoming::Alive),
            Ok(Message::Close(frame)) => {
                let code = frame.map_or(CloseCode::NO_STATUS, |frame| frame.code);
                self.received_code = self.received_code.or(NonZeroU16::new(code));
                Ok(Incoming::Close)
            }
            Err(error) => Err(read_fault(error)),
        }))
    }
}

impl Sink<Outgoing> for SocketStream {
    type Error = axum::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.socket.poll_ready_unpin(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Outgoing) -> Result<(), axum::Error> {
        let message = match frame {
            Outgoing::Text(bytes) => {
                let Some(bytes) = wire::write(self.wire, bytes) else { return Ok(()) };
                Message::Text(Utf8Bytes::try_from(bytes).map_err(axum::Error::new)?)
            }
            Outgoing::Ping => Message::Ping(bytes::Bytes::new()),
            Outgoing::Close(code) => {
                self.sent_code = self.sent_code.or(NonZeroU16::new(code.code()));
                let reason = Utf8Bytes::from_static(code.reason());
                Message::Close(Some(CloseFrame { code: code.code(), reason }))
            }
        };
        self.socket.start_send_unpin(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.socket.poll_flush_unpin(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.socket.poll_close_unpin(cx)
    }
}

fn read_fault(error: axum::Error) -> ReadFault {
    use tungstenite::error::{CapacityError, Error};
    match error.into_inner().downcast::<Error>().map(|error| *error) {
        Ok(Error::Capacity(CapacityError::MessageTooLong { .. })) => ReadFault::TooBig,
        Ok(Error::Utf8(_)) => ReadFault::BadUtf8,
        _ => ReadFault::Broken,
    }
}
