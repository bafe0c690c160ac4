//! The conversation between one client and the node.

use super::conduct::Conduct;
use super::mouth::Mouth;
use super::pulse::Pulse;
use super::trace::Trace;
use super::wait::{Event, Handling, Pushes, Wait};
use super::{End, Incoming, Outgoing, ReadFault, Scope, Shortcut};
use crate::Chat;
use crate::account::Identity;
use crate::bus::Push;
use crate::listener::{Kind, Listener, Opened};
use crate::metric;
use bytes::Bytes;
use futures::{Sink, Stream};
use protocol::{ClientFrame, CloseCode, ConnectionEstablished, ErrorBody, ServerFrame};
use std::pin::pin;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Pushes taken into one write.
const TOGETHER: usize = 256;

/// Up to the first frame. What it is missing, its client asks for next.
pub(super) async fn open<W: Sink<Outgoing> + Unpin + Send>(
    chat: &Chat,
    who: &Arc<Identity>,
    scope: Scope,
    (mouth, shortcut): (&mut Mouth<'_, W>, Option<Arc<dyn Shortcut>>),
    stop: &CancellationToken,
) -> Result<Listener, End> {
    let opened = tokio::select! {
        () = stop.cancelled() => return Err(End::Close(CloseCode::Restarting)),
        opened = Listener::open(chat.clone(), who.clone(), scope, Kind::Socket, None) => opened,
    };
    let (listener, opened) = opened.map_err(End::Close)?;
    mouth.watch(listener.line.clone());
    mouth.say([Outgoing::Text(established(who, scope, opened).encode().into())]).await?;
    if let Some(shortcut) = shortcut {
        listener.line.shorten(shortcut);
    }
    Ok(listener)
}

/// Everything from then on to the reason to end.
pub(super) struct Talk<'a, 'b, W> {
    chat: &'a Chat,
    trace: Trace,
    listener: Listener,
    pulse: Pulse<'a>,
    conduct: Conduct,
    mouth: &'a mut Mouth<'b, W>,
}

/// What a client's frame leads to.
enum Asked {
    /// Nothing.
    Nothing,
    /// This at once.
    Answer(Box<ServerFrame>),
    /// Work.
    Work(Handling),
}

impl<'a, 'b, W> Talk<'a, 'b, W> {
    pub(super) fn new(chat: &'a Chat, listener: Listener, mouth: &'a mut Mouth<'b, W>) -> Self {
        let trace = Trace::new(chat, &listener);
        let pulse = Pulse::new(&listener.who, listener.scope, chat.now(), chat.pace());
        Self { chat, trace, listener, pulse, conduct: Conduct::default(), mouth }
    }

    #[allow(clippy::cast_precision_loss, reason = "a queue is short")]
    fn tell_queue(&self) {
        metric::SOCKET_QUEUE.record(self.listener.line.waited() as f64);
    }
}

impl<W> Drop for Talk<'_, '_, W> {
    fn drop(&mut self) {
        self.tell_queue();
        self.trace.take_along(self.chat, &self.listener);
    }
}

impl<W: Sink<Outgoing> + Unpin + Send> Talk<'_, '_, W> {
    /// Until the stop, or the reason to end before.
    pub(super) async fn run<R>(&mut self, incoming: &mut R, stop: &CancellationToken) -> Result<(), End>
    where
        R: Stream<Item = Result<Incoming, ReadFault>> + Unpin + Send,
    {
        let line = self.listener.line.clone();
        let (stopped, fallen) = (pin!(stop.cancelled()), pin!(line.fallen()));
        let timer = pin!(tokio::time::sleep_until(self.pulse.next()));
        let mut wait = Wait::new(incoming, stopped, fallen, timer);
        loop {
            match wait.next(&mut self.listener).await {
                Event::Stopped => break,
                Event::Fallen => return Err(End::Close(CloseCode::FellBehind)),
                Event::Replied(replies) => Box::pin(self.tell(replies, None)).await?,
                Event::Push(push) => {
                    // When one's own message comes, the answer to it is there as a rule.
                    let replies = wait.replied().unwrap_or_default();
                    Box::pin(self.tell(replies, Some(push))).await?;
                }
                Event::Rest => Box::pin(self.mouth.say([])).await?,
                Event::Heard(item) => {
                    self.pulse.heard();
                    match self.hear(item)? {
                        Asked::Nothing => {}
                        Asked::Answer(frame) => Box::pin(self.tell(vec![*frame], None)).await?,
                        Asked::Work(handling) => {
                            if handling.pushes != Pushes::Pass {
                                self.listener.line.hold();
                            }
                            wait.handling = Some(handling);
                        }
                    }
                }
                Event::Due => {
                    self.tell_queue();
                    let due = self.pulse.beat(self.chat.clock())?;
                    Box::pin(self.mouth.say(due)).await?;
                    wait.until(self.pulse.next());
                }
            }
        }
        Box::pin(self.finish(wait.handling.take())).await
    }

    /// What was begun is finished and said, within the time there is, and what is queued is passed on.
    async fn finish(&mut self, begun: Option<Handling>) -> Result<(), End> {
        if let Some(begun) = begun
            && let Ok(replies) = tokio::time::timeout(self.chat.pace().goodbye, begun.work).await
        {
            self.tell(replies, None).await?;
        }
        while let Some(push) = self.listener.try_recv() {
            self.tell(Vec::new(), Some(push)).await?;
        }
        Ok(())
    }

    /// These answers, this push and those that are queued behind it, in one write.
    async fn tell(&mut self, replies: Vec<ServerFrame>, first: Option<Arc<Push>>) -> Result<(), End> {
        let mut frames: Vec<Bytes> = replies.iter().map(|frame| frame.encode().into()).collect();
        let answers = frames.len();
        let mut end = self.conduct.answered(&replies).map_or(Ok(()), |code| Err(End::Close(code)));
        let mut next = first.or_else(|| self.listener.try_recv());
        while let Some(push) = next {
            if let Err(code) = self.listener.take(&push, &mut frames).await {
                end = end.and(Err(End::Close(code)));
                break;
            }
            next = if frames.len() < TOGETHER { self.listener.try_recv() } else { None };
        }
        if !frames.is_empty() {
            metric::DELIVERIES.increment((frames.len() - answers) as u64);
            self.mouth.say(frames.into_iter().map(Outgoing::Text)).await?;
        }
        end
    }

    fn hear(&mut self, item: Option<Result<Incoming, ReadFault>>) -> Result<Asked, End> {
        match item {
            None | Some(Err(ReadFault::Broken)) => Err(End::Gone),
            Some(Ok(Incoming::Close)) => Err(End::Close(CloseCode::Normal)),
            Some(Ok(Incoming::Binary)) => Err(End::Close(CloseCode::Binary)),
            Some(Err(ReadFault::TooBig)) => Err(End::Close(CloseCode::TooBig)),
            Some(Err(ReadFault::BadUtf8)) => Err(End::Close(CloseCode::BadUtf8)),
            Some(Ok(Incoming::Alive)) => Ok(Asked::Nothing),
            Some(Ok(Incoming::Text(text))) => {
                metric::FRAMES_IN.increment(1);
                match ClientFrame::decode(&text) {
                    Ok(frame) => Ok(self.ask(frame)),
                    Err(_) if self.conduct.malformed() => Err(End::Close(CloseCode::Malformed)),
                    Err(error) => Ok(Asked::Answer(Box::new(ServerFrame::Error(error.code().into())))),
                }
            }
        }
    }

    fn ask(&mut self, frame: ClientFrame) -> Asked {
        match &frame {
            ClientFrame::ChatMessage { .. } => {}
            ClientFrame::Typing { conversation_id, is_typing } => {
                if !self.conduct.typing() {
                    return Asked::Nothing;
                }
                if let (Some(id), true) = (conversation_id.or(self.listener.scope.one()), *is_typing) {
                    self.trace.typed(id);
                }
            }
            // Costs nothing to hear, and the last word counts; the others are told at a pace of their own.
            ClientFrame::UserStatus { .. } => {}
            _ => {
                if let Err(retry_after) = self.conduct.frame() {
                    metric::LIMITED_FRAMES.increment(1);
                    return Asked::Answer(Box::new(ServerFrame::Error(ErrorBody::rate_limited(retry_after))));
                }
            }
        }
        match frame {
            ClientFrame::Ping => return Asked::Answer(Box::new(ServerFrame::Pong)),
            ClientFrame::Pong => return Asked::Nothing,
            _ => {}
        }
        let pushes = match frame {
            ClientFrame::Sync(_) | ClientFrame::Changes { .. } => Pushes::Wait,
            ClientFrame::ChatMessage { client_id: Some(_), .. } => Pushes::Wake,
            _ => Pushes::Pass,
        };
        let (chat, who, scope, id) =
            (self.chat.clone(), self.listener.who.clone(), self.listener.scope.one(), self.listener.line.id);
        let work = Box::pin(async move { chat.handle_from(id, &who, scope, frame).await });
        Asked::Work(Handling { work, pushes })
    }
}

/// The first frame.
fn established(who: &Identity, scope: Scope, opened: Opened) -> ServerFrame {
    let (cursor, presence) = match opened {
        Opened::All(_, presence) => (None, presence),
        Opened::One(conversation, presence) => (Some(conversation.rev), presence),
    };
    ServerFrame::ConnectionEstablished(ConnectionEstablished {
        message: "Connected to chat".to_owned(),
        user: who.person.clone(),
        conversation_id: scope.one(),
        cursor,
        presence,
    })
}
