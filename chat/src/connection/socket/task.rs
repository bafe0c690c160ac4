//! Task of one connection: reads client frames, writes replies and pushes.

use super::cleanup::Cleanup;
use super::keepalive::Keepalive;
use super::outbound::FrameWriter;
use super::rate_limit::RateLimits;
use super::select::{Event, PushPolicy, Request, Select};
use super::{End, Incoming, Outgoing, ReadFault};
use crate::ChatService;
use crate::account::Identity;
use crate::bus::Push;
use crate::connection::scope::Scope;
use crate::connection::subscription::{Snapshot, Subscription, Transport};
use crate::hub::DirectWrite;
use crate::metrics;
use bytes::Bytes;
use futures::{Sink, Stream};
use protocol::{ClientFrame, CloseCode, ConnectionEstablished, ErrorBody, ServerFrame};
use std::pin::pin;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Maximum number of frames in one write.
const MAX_BATCH: usize = 256;

/// Subscribes the connection and sends its first frame. The client then requests what it is missing.
pub(super) async fn open<W: Sink<Outgoing> + Unpin + Send>(
    chat: &ChatService,
    who: &Arc<Identity>,
    scope: Scope,
    (writer, direct_write): (&mut FrameWriter<'_, W>, Option<Arc<dyn DirectWrite>>),
    stop: &CancellationToken,
) -> Result<Subscription, End> {
    let opened = tokio::select! {
        () = stop.cancelled() => return Err(End::Close(CloseCode::Restarting)),
        opened = Subscription::open(chat.clone(), who.clone(), scope, Transport::Socket, None) => opened,
    };
    let (subscription, snapshot) = opened.map_err(End::Close)?;
    writer.watch_overflow(subscription.subscriber.clone());
    writer.send([Outgoing::Text(established(who, scope, snapshot).encode().into())]).await?;
    if let Some(direct_write) = direct_write {
        subscription.subscriber.set_direct_write(direct_write);
    }
    Ok(subscription)
}

/// State of an open connection.
pub(super) struct ConnectionTask<'a, 'b, W> {
    chat: &'a ChatService,
    cleanup: Cleanup,
    subscription: Subscription,
    keepalive: Keepalive<'a>,
    limits: RateLimits,
    writer: &'a mut FrameWriter<'b, W>,
}

/// The action that a client frame requires.
enum Action {
    /// The frame is ignored.
    None,
    /// This frame is sent at once.
    Reply(Box<ServerFrame>),
    /// The request is handled asynchronously.
    Handle(Request),
}

impl<'a, 'b, W> ConnectionTask<'a, 'b, W> {
    pub(super) fn new(
        chat: &'a ChatService,
        subscription: Subscription,
        writer: &'a mut FrameWriter<'b, W>,
    ) -> Self {
        let cleanup = Cleanup::new(chat, &subscription);
        let keepalive = Keepalive::new(&subscription.who, subscription.scope, chat.now(), chat.timings());
        Self { chat, cleanup, subscription, keepalive, limits: RateLimits::default(), writer }
    }

    #[allow(clippy::cast_precision_loss, reason = "a queue is short")]
    fn record_queue_length(&self) {
        metrics::SOCKET_QUEUE.record(self.subscription.subscriber.take_peak() as f64);
    }
}

impl<W> Drop for ConnectionTask<'_, '_, W> {
    fn drop(&mut self) {
        self.record_queue_length();
        self.cleanup.run(self.chat, &self.subscription);
    }
}

impl<W: Sink<Outgoing> + Unpin + Send> ConnectionTask<'_, '_, W> {
    /// Runs until shutdown (`Ok`) or an earlier end.
    pub(super) async fn run<R>(&mut self, incoming: &mut R, stop: &CancellationToken) -> Result<(), End>
    where
        R: Stream<Item = Result<Incoming, ReadFault>> + Unpin + Send,
    {
        let subscriber = self.subscription.subscriber.clone();
        let (stopped, overflowed) = (pin!(stop.cancelled()), pin!(subscriber.overflow()));
        let timer = pin!(tokio::time::sleep_until(self.keepalive.next_deadline()));
        let mut select = Select::new(incoming, stopped, overflowed, timer);
        loop {
            match select.next(&mut self.subscription).await {
                Event::Stopped => break,
                Event::Overflowed => return Err(End::Close(CloseCode::FellBehind)),
                Event::Replied(replies) => Box::pin(self.flush(replies, None)).await?,
                Event::Push(push) => {
                    // When the push is the client's own message, its acknowledgement is usually ready too.
                    let replies = select.try_replies().unwrap_or_default();
                    Box::pin(self.flush(replies, Some(push))).await?;
                }
                Event::Flush => Box::pin(self.writer.send([])).await?,
                Event::Received(item) => {
                    self.keepalive.on_received();
                    match self.on_incoming(item)? {
                        Action::None => {}
                        Action::Reply(frame) => Box::pin(self.flush(vec![*frame], None)).await?,
                        Action::Handle(request) => {
                            if request.pushes != PushPolicy::Direct {
                                self.subscription.subscriber.hold();
                            }
                            select.request = Some(request);
                        }
                    }
                }
                Event::Timer => {
                    self.record_queue_length();
                    let due = self.keepalive.tick(self.chat.clock())?;
                    Box::pin(self.writer.send(due)).await?;
                    select.reset_timer(self.keepalive.next_deadline());
                }
            }
        }
        Box::pin(self.finish(select.request.take())).await
    }

    /// Finishes the request in progress, within `Timings::close_timeout`, and delivers what is queued.
    async fn finish(&mut self, request: Option<Request>) -> Result<(), End> {
        if let Some(request) = request
            && let Ok(replies) = tokio::time::timeout(self.chat.timings().close_timeout, request.future).await
        {
            self.flush(replies, None).await?;
        }
        while let Some(push) = self.subscription.try_recv() {
            self.flush(Vec::new(), Some(push)).await?;
        }
        Ok(())
    }

    /// Writes the replies, this push, and the pushes that are queued behind it, in one write.
    async fn flush(&mut self, replies: Vec<ServerFrame>, first: Option<Arc<Push>>) -> Result<(), End> {
        let mut frames: Vec<Bytes> = replies.iter().map(|frame| frame.encode().into()).collect();
        let reply_count = frames.len();
        let mut end = self.limits.on_replies(&replies).map_or(Ok(()), |code| Err(End::Close(code)));
        let mut next = first.or_else(|| self.subscription.try_recv());
        while let Some(push) = next {
            if let Err(code) = self.subscription.process(&push, &mut frames).await {
                end = end.and(Err(End::Close(code)));
                break;
            }
            next = if frames.len() < MAX_BATCH { self.subscription.try_recv() } else { None };
        }
        if !frames.is_empty() {
            metrics::DELIVERIES.increment((frames.len() - reply_count) as u64);
            self.writer.send(frames.into_iter().map(Outgoing::Text)).await?;
        }
        end
    }

    fn on_incoming(&mut self, item: Option<Result<Incoming, ReadFault>>) -> Result<Action, End> {
        match item {
            None | Some(Err(ReadFault::Broken)) => Err(End::Gone),
            Some(Ok(Incoming::Close)) => Err(End::Close(CloseCode::Normal)),
            Some(Ok(Incoming::Binary)) => Err(End::Close(CloseCode::Binary)),
            Some(Err(ReadFault::TooBig)) => Err(End::Close(CloseCode::TooBig)),
            Some(Err(ReadFault::BadUtf8)) => Err(End::Close(CloseCode::BadUtf8)),
            Some(Ok(Incoming::Alive)) => Ok(Action::None),
            Some(Ok(Incoming::Text(text))) => {
                metrics::FRAMES_IN.increment(1);
                match ClientFrame::decode(&text) {
                    Ok(frame) => Ok(self.on_frame(frame)),
                    Err(_) if self.limits.malformed() => Err(End::Close(CloseCode::Malformed)),
                    Err(error) => Ok(Action::Reply(Box::new(ServerFrame::Error(error.code().into())))),
                }
            }
        }
    }

    fn on_frame(&mut self, frame: ClientFrame) -> Action {
        match &frame {
            ClientFrame::ChatMessage { .. } => {}
            ClientFrame::Typing { conversation_id, is_typing } => {
                if !self.limits.typing() {
                    return Action::None;
                }
                if let (Some(id), true) = (conversation_id.or(self.subscription.scope.one()), *is_typing) {
                    self.cleanup.on_typing(id);
                }
            }
            // Not limited: only the last status counts, and presence throttles its announcements itself.
            ClientFrame::UserStatus { .. } => {}
            _ => {
                if let Err(retry_after) = self.limits.frame() {
                    metrics::LIMITED_FRAMES.increment(1);
                    return Action::Reply(Box::new(ServerFrame::Error(ErrorBody::rate_limited(retry_after))));
                }
            }
        }
        match frame {
            ClientFrame::Ping => return Action::Reply(Box::new(ServerFrame::Pong)),
            ClientFrame::Pong => return Action::None,
            _ => {}
        }
        let pushes = match frame {
            ClientFrame::Sync(_) | ClientFrame::Changes { .. } => PushPolicy::Hold,
            ClientFrame::ChatMessage { client_id: Some(_), .. } => PushPolicy::Wake,
            _ => PushPolicy::Direct,
        };
        let (chat, who, scope, id) = (
            self.chat.clone(),
            self.subscription.who.clone(),
            self.subscription.scope.one(),
            self.subscription.subscriber.id,
        );
        let future = Box::pin(async move { chat.handle(id, &who, scope, frame).await });
        Action::Handle(Request { future, pushes })
    }
}

/// The first frame of a connection.
fn established(who: &Identity, scope: Scope, snapshot: Snapshot) -> ServerFrame {
    let (cursor, presence) = match snapshot {
        Snapshot::All(_, presence) => (None, presence),
        Snapshot::One(conversation, presence) => (Some(conversation.rev), presence),
    };
    ServerFrame::ConnectionEstablished(ConnectionEstablished {
        message: "Connected to chat".to_owned(),
        user: who.person.clone(),
        conversation_id: scope.one(),
        cursor,
        presence,
    })
}
