//! The set of topics that one client is subscribed to, and the filter of what it receives from them. The same for
//! sockets and long polls.

mod control;
mod open;
mod resync;
mod watermarks;

pub(crate) use open::Snapshot;

use crate::account::Identity;
use crate::bus::{BusEvent, Push, Topic};
use crate::connection::scope::Scope;
use crate::hub::{Next, Subscriber};
use crate::presence::PresenceSource;
use crate::{ChatService, Error};
use bytes::Bytes;
use protocol::{CloseCode, ConversationId, ErrorCode};
use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use watermarks::Watermarks;

/// The transport of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A WebSocket.
    Socket,
    /// Long polls.
    LongPoll,
}

/// The subscriptions and the queue of one connection. Dropping it unsubscribes, and removes the connection from presence.
pub(crate) struct Subscription {
    chat: ChatService,
    pub(crate) who: Arc<Identity>,
    pub(crate) scope: Scope,
    source: PresenceSource,
    pub(crate) subscriber: Arc<Subscriber>,
    topics: HashSet<Topic>,
    watermarks: Watermarks,
}

impl Subscription {
    /// Waits for the next push.
    pub(crate) async fn recv(&mut self) -> Arc<Push> {
        loop {
            if let Next::Push(push) = poll_fn(|cx| self.subscriber.poll_next(cx, false)).await {
                return push;
            }
        }
    }

    /// Polls for the next item. Until there is one, direct writes are allowed if `allow_direct` is set and the watermarks
    /// are passed: all queued frames are then for this client, since its subscriptions change only while its task is awake.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>, allow_direct: bool) -> Poll<Next> {
        self.subscriber.poll_next(cx, allow_direct && self.watermarks.all_passed())
    }

    /// The number of queued pushes.
    pub(crate) fn waiting(&self) -> usize {
        self.subscriber.len()
    }

    /// The next queued push.
    pub(crate) fn try_recv(&mut self) -> Option<Arc<Push>> {
        self.subscriber.try_next()
    }

    /// Processes a push, and adds the resulting frames to `out`.
    ///
    /// # Errors
    /// The code with which the connection is to be closed.
    pub(crate) async fn process(&mut self, push: &Push, out: &mut Vec<Bytes>) -> Result<(), CloseCode> {
        // The push may have been queued before its topic was unsubscribed.
        if !self.watermarks.passes(push) || !self.topics.contains(&push.topic) {
            return Ok(());
        }
        match &push.event {
            BusEvent::Frame(frame) => {
                if self.subscriber.concerns(push.about) {
                    out.push(frame.clone());
                }
                Ok(())
            }
            // Boxed because it is rare and large: an idle connection does not reserve the space.
            event => Box::pin(self.on_control(push.topic, event, out)).await,
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

impl Drop for Subscription {
    fn drop(&mut self) {
        self.chat.hub().unsubscribe(&self.subscriber, &self.topics);
        self.subscriber.close();
        self.chat.presence().leave(self.who.person.id, &self.source);
    }
}

/// The close code for an error.
pub(crate) fn close_code(error: Error) -> CloseCode {
    match error.into_body().code {
        ErrorCode::NotFound | ErrorCode::Forbidden => CloseCode::NoSuchConversation,
        ErrorCode::NotAuthenticated => CloseCode::NotAuthenticated,
        _ => CloseCode::Unavailable,
    }
}
