//! The stream of events.

use crate::Error;
use futures::Stream;
use protocol::{ConversationId, Message, MessageId, ServerFrame};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// The place up to which each conversation was seen: its `rev`. Stored by a program, they let it go on from there after a
/// restart.
pub type Cursors = BTreeMap<ConversationId, i64>;

/// Something that happened in a conversation, or to the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The connection is up, and what was missed follows. Comes after each reconnect, not after the first connection.
    Connected,
    /// The connection was lost, with this close code; the client reconnects.
    Disconnected(Option<u16>),
    /// A message was sent, by anybody, the person itself included. Each comes once; those of a conversation come in their
    /// order.
    Message(Message),
    /// A message changed that came before. Changes of older messages are left out where more than
    /// [`protocol::limits::RESET_BEHIND`] changes of a conversation were missed; new messages never are.
    Updated(Message),
    /// A message was deleted for everyone, or by the person itself for itself.
    Deleted {
        /// The conversation of the message.
        conversation_id: ConversationId,
        /// The message.
        message_id: MessageId,
    },
    /// The person left the conversation, was removed from it, or it left the list.
    Removed(ConversationId),
    /// Another frame of the server: typing, presence, receipts, changes of conversations and of the person's own state.
    /// A reconnect does not repeat them.
    Frame(Box<ServerFrame>),
}

/// An entry of the queue between the connection and the stream.
#[derive(Debug)]
pub(crate) enum Item {
    Event(Box<Event>),
    /// The conversation was seen up to this `rev`; without one, it is gone.
    Cursor(ConversationId, Option<i64>),
    /// The connection ended for good.
    End(Error),
}

/// The events of a connection. The stream ends with an error, after which the client does not reconnect.
#[derive(Debug)]
pub struct Events {
    items: mpsc::Receiver<Item>,
    cursors: Cursors,
}

impl Events {
    pub(crate) fn new(items: mpsc::Receiver<Item>, cursors: Cursors) -> Self {
        Self { items, cursors }
    }

    /// The cursors after the events that the stream has given, for [`crate::Client::resume`]. What came since the last
    /// stored ones comes again.
    #[must_use]
    pub fn cursors(&self) -> &Cursors {
        &self.cursors
    }
}

impl Stream for Events {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return match std::task::ready!(self.items.poll_recv(cx)) {
                Some(Item::Cursor(id, Some(rev))) => {
                    self.cursors.insert(id, rev);
                    continue;
                }
                Some(Item::Cursor(id, None)) => {
                    self.cursors.remove(&id);
                    continue;
                }
                Some(Item::Event(event)) => Poll::Ready(Some(Ok(*event))),
                Some(Item::End(error)) => {
                    self.items.close();
                    Poll::Ready(Some(Err(error)))
                }
                None => Poll::Ready(None),
            };
        }
    }
}
