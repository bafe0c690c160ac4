//! The task of a connection: connects, reconnects, and carries frames between the socket, the outbox, the tracker and the
//! stream of events.

use crate::address::Address;
use crate::authentication::Authentication;
use crate::backoff;
use crate::event::{Cursors, Item};
use crate::local::{Command, Local};
use crate::outbox::Outbox;
use crate::socket::{Lost, Socket};
use crate::tracker::Tracker;
use crate::{Error, Event};
use protocol::{ClientFrame, CloseCode, ErrorBody, ErrorCode, Person, ServerFrame};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Items between the task and the stream.
const ITEMS: usize = 64;
/// Items that wait in the task. Above that, live frames are dropped, and read again when there is room.
const MOST_ITEMS: usize = 1_024;
/// Items that wait in the task, up to which it reads what it has missed.
const ROOM_TO_READ: usize = 256;
/// Pause after a refused request whose error does not name one.
const PAUSE: Duration = Duration::from_secs(1);

/// The request whose answer is awaited. There is one at a time, so that an error without an id is its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    Nothing,
    /// A request of the tracker.
    Reading,
    /// The pong after a notice.
    Pong,
}

/// The reason for the end of a connection.
enum End {
    /// The client reconnects.
    Lost(Lost),
    /// Handle and stream are gone.
    Unused,
}

impl From<Lost> for End {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

/// See the module.
pub(crate) struct Driver {
    address: Address,
    authentication: Authentication,
    tracker: Tracker,
    outbox: Outbox,
    notices: VecDeque<ClientFrame>,
    commands: Option<mpsc::Receiver<Command>>,
    items: Option<mpsc::Sender<Item>>,
    ready: Option<oneshot::Sender<Result<Person, Error>>>,
    me: Option<Person>,
    /// The token was renewed, and no connection was established by it yet.
    has_new_token: bool,
    awaited: Awaited,
    /// No request before this time.
    paused_until: Option<Instant>,
}

type Ready = oneshot::Receiver<Result<Person, Error>>;

impl Driver {
    /// The task, the receiver of its items, and of the result of the first connection.
    pub(crate) fn new(
        address: Address,
        authentication: Authentication,
        cursors: Option<Cursors>,
        commands: mpsc::Receiver<Command>,
    ) -> (Self, mpsc::Receiver<Item>, Ready) {
        let (items, received) = mpsc::channel(ITEMS);
        let (ready, is_ready) = oneshot::channel();
        let driver = Self {
            address,
            authentication,
            tracker: Tracker::new(cursors),
            outbox: Outbox::default(),
            notices: VecDeque::new(),
            commands: Some(commands),
            items: Some(items),
            ready: Some(ready),
            me: None,
            has_new_token: false,
            awaited: Awaited::Nothing,
            paused_until: None,
        };
        (driver, received, is_ready)
    }

    /// Runs until the client is not used any more, or the server refuses it for good.
    pub(crate) async fn run(mut self) {
        let Err(error) = self.reconnect_until_refused().await else { return };
        self.outbox.end(&error);
        if let Some(ready) = self.ready.take() {
            let _ = ready.send(Err(error));
            return;
        }
        // Commands are refused from here on, and what was received is given before the error.
        self.commands = None;
        self.tracker.items().push_back(Item::End(error));
        while let Some(items) = &self.items
            && let Some(item) = self.tracker.items().pop_front()
        {
            if items.send(item).await.is_err() {
                break;
            }
        }
    }

    /// `Ok` if nobody uses the client any more.
    async fn reconnect_until_refused(&mut self) -> Result<(), Error> {
        let mut failures = 0_u32;
        loop {
            let Some(opened) = self.open().await else { return Ok(()) };
            let named = match opened {
                Ok(socket) => match self.serve_socket(socket).await {
                    End::Unused => return Ok(()),
                    End::Lost(Lost { code }) => {
                        // A connection that worked starts the pauses anew.
                        failures = if self.me.is_some() { 1 } else { failures.saturating_add(1) };
                        self.on_lost(code).await?;
                        None
                    }
                },
                Err(error) if self.ready.is_some() || !error.is_transient() => return Err(error),
                Err(error) => {
                    failures = failures.saturating_add(1);
                    error.retry_after()
                }
            };
            let pause = named.unwrap_or_else(|| backoff::pause(failures, rand::random()));
            if !self.pause(pause).await {
                return Ok(());
            }
        }
    }

    /// Opens a socket, and serves the handle and the stream meanwhile. `None` if nobody uses the client any more.
    async fn open(&mut self) -> Option<Result<Socket, Error>> {
        let Self { address, authentication, tracker, outbox, notices, commands, items, .. } = self;
        let mut local = Local { tracker, outbox, notices, commands, items };
        let mut opening = std::pin::pin!(async {
            let token = authentication.token().await?;
            Socket::open(address, &token).await
        });
        loop {
            tokio::select! {
                opened = &mut opening => return Some(opened),
                is_used = local.serve() => if !is_used { return None },
            }
        }
    }

    /// Prepares the next connection after the end of one.
    ///
    /// # Errors
    /// There is to be none.
    async fn on_lost(&mut self, code: Option<u16>) -> Result<(), Error> {
        self.outbox.on_lost();
        self.awaited = Awaited::Nothing;
        let was_established = self.me.take().is_some();
        if code == Some(CloseCode::NotAuthenticated.code()) {
            // A new token that is refused at once is refused for good.
            if self.has_new_token && !was_established {
                return Err(Error::Closed(CloseCode::NotAuthenticated.code()));
            }
            self.has_new_token = true;
            match self.authentication.renew().await {
                Err(error) if !error.is_transient() => return Err(error),
                _ => {}
            }
        } else if let Some(code) = code
            && !CloseCode::reconnects(Some(code))
        {
            return Err(Error::Closed(code));
        } else if self.ready.is_some() {
            return Err(Error::Unreachable(format!("the connection was closed with {code:?}")));
        }
        if was_established {
            self.tell(Event::Disconnected(code));
        }
        Ok(())
    }

    /// Gives an event about the connection, unless the stream is not read.
    fn tell(&mut self, event: Event) {
        if self.tracker.items().len() < MOST_ITEMS {
            self.tracker.items().push_back(Item::Event(Box::new(event)));
        }
    }

    /// Waits, and serves the handle and the stream meanwhile. False if nobody uses the client any more.
    async fn pause(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            self.outbox.expire(Instant::now());
            let deadline = self.outbox.next_deadline().map_or(until, |at| at.min(until));
            let mut local = self.local();
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => if Instant::now() >= until { return true },
                is_used = local.serve() => if !is_used { return false },
            }
        }
    }

    fn local(&mut self) -> Local<'_> {
        let Self { tracker, outbox, notices, commands, items, .. } = self;
        Local { tracker, outbox, notices, commands, items }
    }

    async fn serve_socket(&mut self, mut socket: Socket) -> End {
        match self.exchange(&mut socket).await {
            Err(End::Unused) => {
                socket.close().await;
                End::Unused
            }
            Err(end) => end,
            Ok(never) => match never {},
        }
    }

    /// Carries frames until the connection ends.
    async fn exchange(&mut self, socket: &mut Socket) -> Result<std::convert::Infallible, End> {
        loop {
            self.send_what_is_due(socket).await?;
            let deadline = self.outbox.next_deadline().into_iter().chain(self.paused_until).min();
            let asleep = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let mut local = self.local();
            tokio::select! {
                frame = socket.next() => self.on_frame(frame?)?,
                is_used = local.serve() => if !is_used { return Err(End::Unused) },
                () = asleep => {
                    let now = Instant::now();
                    self.paused_until = self.paused_until.filter(|at| *at > now);
                    if self.outbox.is_unanswered(now) {
                        return Err(End::Lost(Lost { code: None }));
                    }
                    self.outbox.expire(now);
                }
            }
        }
    }

    async fn send_what_is_due(&mut self, socket: &mut Socket) -> Result<(), Lost> {
        // Before the first frame it is not known whether the server accepts the credentials.
        if self.me.is_none() {
            return Ok(());
        }
        if self.tracker.is_listed() {
            for frame in self.outbox.due(Instant::now()) {
                socket.send(&frame).await?;
            }
        }
        if self.awaited != Awaited::Nothing || self.paused_until.is_some() {
            return Ok(());
        }
        let has_room = self.tracker.items().len() < ROOM_TO_READ;
        if self.tracker.is_listed()
            && let Some(notice) = self.notices.pop_front()
        {
            socket.send(&notice).await?;
            self.awaited = Awaited::Pong;
            return socket.send(&ClientFrame::Ping).await;
        }
        if let Some(request) = self.tracker.next_request(has_room) {
            self.awaited = Awaited::Reading;
            socket.send(&request).await?;
        }
        Ok(())
    }

    fn on_frame(&mut self, frame: ServerFrame) -> Result<(), End> {
        match frame {
            ServerFrame::ConnectionEstablished(established) => {
                self.tracker.on_connect(established.user.id);
                self.me = Some(established.user);
                self.has_new_token = false;
                self.notices.retain(|notice| !matches!(notice, ClientFrame::Typing { .. }));
                if self.ready.is_none() {
                    self.tell(Event::Connected);
                }
            }
            ServerFrame::Ack(ack) => self.outbox.on_ack(ack.client_id, ack.message),
            ServerFrame::Error(error) => self.on_error(error)?,
            ServerFrame::Pong if self.awaited == Awaited::Pong => self.awaited = Awaited::Nothing,
            frame => {
                let has_room = self.items.is_none() || self.tracker.items().len() < MOST_ITEMS;
                if self.tracker.on_frame(frame, has_room) && self.awaited == Awaited::Reading {
                    self.awaited = Awaited::Nothing;
                }
                if self.tracker.is_listed()
                    && let Some(me) = self.me.clone()
                    && let Some(ready) = self.ready.take()
                {
                    let _ = ready.send(Ok(me));
                }
            }
        }
        Ok(())
    }

    fn on_error(&mut self, error: ErrorBody) -> Result<(), End> {
        if let Some(client_id) = error.client_id {
            self.outbox.on_error(client_id, error, Instant::now());
            return Ok(());
        }
        match (self.awaited, error.code) {
            (Awaited::Reading, ErrorCode::NotFound) => self.tracker.on_not_found(),
            (Awaited::Reading, ErrorCode::RateLimited | ErrorCode::Unavailable) => {
                let pause = Error::Refused(error).retry_after().unwrap_or(PAUSE);
                self.paused_until = Some(Instant::now() + pause);
            }
            (Awaited::Reading, _) => return Err(End::Lost(Lost { code: None })),
            // A notice was refused, such as a mark in a conversation that the person has left.
            _ => return Ok(()),
        }
        self.awaited = Awaited::Nothing;
        Ok(())
    }
}
