//! One connection, from its first frame to its close code. Generic over the two halves of the line, so that it runs
//! the same over a socket and in a test.

mod conduct;
mod mouth;
mod pulse;
mod shortcut;
mod talk;
mod trace;
mod wait;

pub use shortcut::{Shortcut, Taken};

use crate::audit::{Act, Ended, Note};
use crate::metric::{self, One};
use crate::{Chat, account::Identity};
use bytes::Bytes;
use futures::{Sink, Stream};
use protocol::{CloseCode, ConversationId};
use std::sync::Arc;
use talk::Talk;
use tokio_util::sync::CancellationToken;

/// What comes from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A text frame.
    Text(String),
    /// A binary frame: refused.
    Binary,
    /// A sign of life (WebSocket ping or pong).
    Alive,
    /// The client said goodbye.
    Close,
}

/// Why nothing more can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFault {
    /// A frame over the limit.
    TooBig,
    /// Text that is not UTF-8.
    BadUtf8,
    /// The line broke, or what came is no WebSocket.
    Broken,
}

/// What goes to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A text frame.
    Text(Bytes),
    /// A WebSocket ping.
    Ping,
    /// Goodbye, and why.
    Close(CloseCode),
}

/// Which conversations a connection is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `/ws/`: all of the person's.
    All,
    /// `/ws/chat/<id>/`.
    One(ConversationId),
}

impl Scope {
    /// The only one, if it is not about all.
    pub(crate) fn one(self) -> Option<ConversationId> {
        match self {
            Self::All => None,
            Self::One(id) => Some(id),
        }
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With a word.
    Close(CloseCode),
    /// Nobody is there to hear it.
    Gone,
}

/// Runs a connection until either side ends it. Says who has what to say, closes with the code that fits. `shortcut`: the
/// same line as `outgoing`, where one can write to it past this task.
pub async fn run<R, W>(
    chat: Chat,
    who: Arc<Identity>,
    scope: Scope,
    mut incoming: R,
    outgoing: W,
    shortcut: Option<Arc<dyn Shortcut>>,
    stop: CancellationToken,
) where
    R: Stream<Item = Result<Incoming, ReadFault>> + Unpin + Send,
    W: Sink<Outgoing> + Unpin + Send,
{
    // Dropped last: going down waits for this goodbye.
    let _session = chat.session();
    let _open = One::more(match scope {
        Scope::All => &metric::SOCKETS_ALL,
        Scope::One(_) => &metric::SOCKETS_ONE,
    });
    let user = who.person.id;
    let mut mouth = mouth::Mouth::new(outgoing, chat.pace(), &stop);
    // What is needed once, or seldom, is boxed: a socket keeps room for the largest thing that it may ever do.
    let opened = Box::pin(talk::open(&chat, &who, scope, (&mut mouth, shortcut), &stop)).await;
    let mut talk = opened.map(|listener| Talk::new(&chat, listener, &mut mouth));
    let end = match &mut talk {
        Ok(talk) => talk.run(&mut incoming, &stop).await.err().unwrap_or(End::Close(CloseCode::Restarting)),
        Err(end) => *end,
    };
    drop(talk);
    if let End::Close(CloseCode::TooFast | CloseCode::Malformed | CloseCode::TooManySockets) = end {
        Note::new(Act::UseSocket, Ended::Throttled).by(user).tell();
    }
    if let End::Close(code) = end {
        Box::pin(mouth.farewell(code)).await;
    }
}
