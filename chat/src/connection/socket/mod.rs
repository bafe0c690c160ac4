//! Socket connection, from its first frame to its close code. Generic over the reading and the writing half, so that
//! tests run the same code without a network.

mod cleanup;
mod keepalive;
mod outbound;
mod rate_limit;
mod select;
mod task;

use super::scope::Scope;
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::hub::DirectWrite;
use crate::metrics::{self, GaugeGuard};
use crate::{ChatService, account::Identity};
use bytes::Bytes;
use futures::{Sink, Stream};
use outbound::FrameWriter;
use protocol::CloseCode;
use std::sync::Arc;
use task::ConnectionTask;
use tokio_util::sync::CancellationToken;

/// A message from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A text frame.
    Text(String),
    /// A binary frame; the protocol has none, so it closes the connection.
    Binary,
    /// A WebSocket ping or pong.
    Alive,
    /// A close frame.
    Close,
}

/// The error after which nothing more can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFault {
    /// A frame exceeded the size limit.
    TooBig,
    /// A text frame was not UTF-8.
    BadUtf8,
    /// The transport failed, or the bytes violate the WebSocket protocol.
    Broken,
}

/// A message to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A text frame.
    Text(Bytes),
    /// A WebSocket ping.
    Ping,
    /// A close frame with its code.
    Close(CloseCode),
}

/// The reason for the end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The server closes with this code.
    Close(CloseCode),
    /// The client is gone; a close frame would not arrive.
    Gone,
}

/// Runs a connection until either side ends it, and closes it with the code of the reason. `direct_write` writes to the
/// same transport as `outgoing` without waking this task.
pub async fn run<R, W>(
    chat: ChatService,
    who: Arc<Identity>,
    scope: Scope,
    mut incoming: R,
    outgoing: W,
    direct_write: Option<Arc<dyn DirectWrite>>,
    stop: CancellationToken,
) where
    R: Stream<Item = Result<Incoming, ReadFault>> + Unpin + Send,
    W: Sink<Outgoing> + Unpin + Send,
{
    // Dropped last: shutdown waits until the close frame is written.
    let _connection = chat.track_connection();
    let _open = GaugeGuard::new(match scope {
        Scope::All => &metrics::SOCKETS_ALL,
        Scope::One(_) => &metrics::SOCKETS_ONE,
    });
    let user = who.person.id;
    let mut writer = FrameWriter::new(outgoing, chat.timings(), &stop);
    // A future is as large as its largest await point; boxing rare states keeps an idle connection at 1.4 KB.
    let opened = Box::pin(task::open(&chat, &who, scope, (&mut writer, direct_write), &stop)).await;
    let mut task = opened.map(|subscription| ConnectionTask::new(&chat, subscription, &mut writer));
    let end = match &mut task {
        Ok(task) => task.run(&mut incoming, &stop).await.err().unwrap_or(End::Close(CloseCode::Restarting)),
        Err(end) => *end,
    };
    drop(task);
    if let End::Close(CloseCode::TooFast | CloseCode::Malformed | CloseCode::TooManySockets) = end {
        AuditEvent::new(AuditAction::UseSocket, AuditOutcome::Throttled).by(user).emit();
    }
    if let End::Close(code) = end {
        Box::pin(writer.close(code)).await;
    }
}
