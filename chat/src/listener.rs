//! One connection's ear: what it is subscribed to, and what of that goes on to its client. A socket and a mailbox are
//! the same here.

mod behind;
mod floors;
mod open;
mod words;

pub(crate) use open::Opened;

use crate::account::Identity;
use crate::bus::{Body, Push, Topic};
use crate::connection::Scope;
use crate::hub::{Next, Subscriber};
use crate::presence::Seat;
use crate::{Chat, Error};
use bytes::Bytes;
use floors::Floors;
use protocol::{CloseCode, ConversationId, ErrorCode};
use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What a connection is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A socket.
    Socket,
    /// Polls.
    Mailbox,
}

/// The subscriptions and the queue of one connection; dropped, it is subscribed to nothing and its person is one
/// connection less here.
pub(crate) struct Listener {
    chat: Chat,
    pub(crate) who: Arc<Identity>,
    pub(crate) scope: Scope,
    seat: Seat,
    pub(crate) subscriber: Arc<Subscriber>,
    topics: HashSet<Topic>,
    floors: Floors,
}

impl Listener {
    /// The next push.
    pub(crate) async fn recv(&mut self) -> Arc<Push> {
        loop {
            if let Next::Push(push) = poll_fn(|cx| self.subscriber.poll_next(cx, false)).await {
                return push;
            }
        }
    }

    /// What is next, for whoever waits for other things as well. Until there is something, it may be written past the task if
    /// that has nothing of its own to say (`may_rest`): what is queued is for this client, for what it is subscribed to
    /// changes only while the task is awake.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>, may_rest: bool) -> Poll<Next> {
        self.subscriber.poll_next(cx, may_rest && self.floors.is_past())
    }

    /// How many pushes wait.
    pub(crate) fn waiting(&self) -> usize {
        self.subscriber.len()
    }

    /// The next push that is there already.
    pub(crate) fn try_recv(&mut self) -> Option<Arc<Push>> {
        self.subscriber.try_next()
    }

    /// Takes a push: adds the frames that follow to `out`.
    ///
    /// # Errors
    /// The connection ends by it.
    pub(crate) async fn take(&mut self, push: &Push, out: &mut Vec<Bytes>) -> Result<(), CloseCode> {
        // What was queued before it was unsubscribed is not for this client any more.
        if !self.floors.passes(push) || !self.topics.contains(&push.topic) {
            return Ok(());
        }
        match &push.body {
            Body::Frame(frame) => {
                if self.subscriber.concerns(push.about) {
                    out.push(frame.clone());
                }
                Ok(())
            }
            // Seldom, and long: so each connection does not keep room for it.
            word => Box::pin(self.obey(word, out)).await,
        }
    }

    fn subscribe(&mut self, topics: impl IntoIterator<Item = Topic>) -> HashSet<ConversationId> {
        let new: Vec<_> = topics.into_iter().filter(|topic| self.topics.insert(*topic)).collect();
        self.chat.hub().subscribe(&self.subscriber, &new)
    }

    fn unsubscribe(&mut self, topics: impl IntoIterator<Item = Topic>) {
        let old: Vec<_> = topics.into_iter().filter(|topic| self.topics.remove(topic)).collect();
        self.chat.hub().unsubscribe(&self.subscriber, &old);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.chat.hub().unsubscribe(&self.subscriber, &self.topics);
        self.subscriber.close();
        self.chat.presence().leave(self.who.person.id, &self.seat);
    }
}

/// With which code a socket is closed when this stands in the way.
pub(crate) fn close_code(error: Error) -> CloseCode {
    match error.into_body().code {
        ErrorCode::NotFound | ErrorCode::Forbidden => CloseCode::NoSuchConversation,
        ErrorCode::NotAuthenticated => CloseCode::NotAuthenticated,
        _ => CloseCode::Unavailable,
    }
}
