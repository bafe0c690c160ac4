//! Driver of the connection: carries out the actions of the state machine ([`super::connection`]) in the browser.
//!
//! [`Driver`] is one type whose parts stand in the files of this folder: sending in [`send`], liveness of the socket in
//! [`keepalive`], long polling in [`poll`].

mod activity;
mod browser_events;
mod delivery_receipts;
mod identity_check;
mod keepalive;
mod poll;
mod send;
mod stored_outbox;

use super::chat_client::Client;
use super::connection::{Action, Connection, Event, PATIENCE_MS};
use super::socket::{Socket, SocketEvent};
use super::status::ConnectionStatus;
use super::{storage, virtual_keyboard};
use activity::Activity;
use delivery_receipts::DeliveryReceipts;
use keepalive::Keepalive;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use poll::Poller;
use protocol::reducer::State;
use protocol::{ServerFrame, UnreadableFrame};
use send::SendQueue;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use stored_outbox::Outbox;

thread_local! {
    static DRIVER: RefCell<Option<Rc<Driver>>> = const { RefCell::new(None) };
}

/// Connects the client, once for a page.
pub(super) fn start(client: Client) {
    if DRIVER.with_borrow(Option::is_some) {
        return;
    }
    let (connection, actions) = Connection::begin(window().navigator().on_line());
    let driver = Rc::new(Driver::new(client, connection));
    DRIVER.set(Some(driver.clone()));
    storage::report_to(client.storage);
    let outbox = Outbox::start(client);
    browser_events::listen(&driver, &outbox);
    activity::listen(&driver);
    virtual_keyboard::watch();
    driver.carry_out(actions);
}

/// Calls the driver of this page; does nothing before [`start`], as on the server.
pub(super) fn with<T: Default>(call: impl FnOnce(&Rc<Driver>) -> T) -> T {
    DRIVER.with_borrow(Clone::clone).map(|driver| call(&driver)).unwrap_or_default()
}

/// The connection of this tab.
pub(super) struct Driver {
    client: Client,
    connection: RefCell<Connection>,
    socket: RefCell<Option<Socket>>,
    /// Number of the current socket: events of an earlier one are dropped.
    generation: Cell<u64>,
    retry: Cell<Option<TimeoutHandle>>,
    queue: SendQueue,
    keepalive: Keepalive,
    activity: Activity,
    poller: RefCell<Option<Poller>>,
    delivery: DeliveryReceipts,
    /// A re-sync after an unreadable frame is on its way.
    resyncing: Cell<bool>,
    /// Name of the browser's time zone when it was last asked.
    time_zone: RefCell<Option<String>>,
}

/// Least time between two re-syncs after unreadable frames, in milliseconds: an answer may be unreadable, too.
const RESYNC_MS: u32 = 10_000;

impl Driver {
    fn new(client: Client, connection: Connection) -> Self {
        Self {
            client,
            connection: RefCell::new(connection),
            socket: RefCell::new(None),
            generation: Cell::new(0),
            retry: Cell::new(None),
            queue: SendQueue::default(),
            keepalive: Keepalive::default(),
            activity: Activity::new(),
            poller: RefCell::new(None),
            time_zone: RefCell::new(None),
            delivery: DeliveryReceipts::default(),
            resyncing: Cell::new(false),
        }
    }

    fn status(&self) -> ConnectionStatus {
        self.connection.borrow().state()
    }

    /// Gives an event to the state machine and carries out what follows.
    fn event(self: &Rc<Self>, event: Event) {
        let actions = self.connection.borrow_mut().on(event, js_sys::Math::random());
        self.carry_out(actions);
    }

    fn carry_out(self: &Rc<Self>, actions: Vec<Action>) {
        // The status first, because the actions read it.
        let status = self.status();
        if self.client.status.try_get_untracked() != Some(status) {
            let _ = self.client.status.try_set(status);
        }
        for action in actions {
            match action {
                Action::Open => self.open_socket(),
                Action::Drop => self.drop_socket(),
                Action::Retry(ms) => {
                    let timer = self.after(ms, |driver| driver.event(Event::RetryDue));
                    if let Some(old) = self.retry.replace(timer) {
                        old.clear();
                    }
                }
                Action::Patience => {
                    self.after(PATIENCE_MS, |driver| driver.event(Event::PatienceOver));
                }
                Action::StartPolling => {
                    self.poller.replace(Some(Poller::start(self)));
                }
                Action::PollNow => {
                    if let Some(poller) = &*self.poller.borrow() {
                        poller.poll_now();
                    }
                }
                Action::StopPolling => {
                    self.poller.take();
                }
                Action::Probe => self.probe(),
                Action::CheckIdentity => self.check_identity(),
                Action::CatchUp => {
                    self.catch_up();
                    self.report_activity_again();
                }
                Action::TransportLost => {
                    self.client.update(State::link_lost);
                    self.delivery.forget();
                    self.queue.forget_requests();
                }
                Action::Log(line) => leptos::logging::log!("{line}"),
            }
        }
    }

    /// Calls back after this many milliseconds.
    fn after(self: &Rc<Self>, ms: u32, then: impl FnOnce(&Rc<Self>) + 'static) -> Option<TimeoutHandle> {
        let driver = self.clone();
        set_timeout_with_handle(move || then(&driver), Duration::from_millis(ms.into())).ok()
    }

    fn drop_socket(&self) {
        self.generation.set(self.generation.get() + 1);
        self.socket.take();
    }

    fn open_socket(self: &Rc<Self>) {
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        if let Some(timer) = self.retry.take() {
            timer.clear();
        }
        let patience = self.keepalive.opening();
        let driver = self.clone();
        let opened = Socket::open(move |event| {
            if driver.generation.get() == generation {
                driver.on_socket(event, generation);
            }
        });
        let (ms, event) = match &opened {
            Some(_) => (patience, Event::Unopened { watched: self.is_watched() }),
            None => (0, Event::Closed(None)),
        };
        self.socket.replace(opened);
        self.after(ms, move |driver| {
            if driver.generation.get() == generation && driver.status() != ConnectionStatus::Connected {
                driver.drop_socket();
                driver.event(event);
            }
        });
    }

    fn on_socket(self: &Rc<Self>, event: SocketEvent, generation: u64) {
        self.keepalive.heard();
        match event {
            SocketEvent::Text(text) => match ServerFrame::decode(&text) {
                Ok(frame) if self.is_for_other_person(&frame) => {}
                Ok(frame) => {
                    if matches!(frame, ServerFrame::ConnectionEstablished(_)) {
                        self.keepalive.opened();
                        self.event(Event::Opened);
                    }
                    self.on_frame(frame);
                }
                Err(_) => self.resync("a frame is not JSON"),
            },
            SocketEvent::Binary => self.resync("a frame is binary"),
            SocketEvent::Closed(code) => {
                // In a task of its own: the actions that follow drop the socket's task.
                let driver = self.clone();
                spawn_local(async move {
                    if driver.generation.get() == generation {
                        driver.event(Event::Closed(code));
                    }
                });
            }
        }
    }

    /// Takes a frame that arrived over any transport.
    fn on_frame(self: &Rc<Self>, frame: ServerFrame) {
        if let ServerFrame::Unreadable(UnreadableFrame { kind, reason }) = &frame {
            return match reason {
                protocol::UnreadableReason::Unknown => {
                    leptos::logging::warn!("frame of an unknown type ignored: {kind:?}");
                }
                protocol::UnreadableReason::Malformed => self.resync("a frame lacks a field"),
            };
        }
        let needs = self.client.apply(frame);
        self.ask(needs);
        self.pump();
        self.delivery.schedule(self);
    }

    /// Logs that a frame cannot be read, and asks for everything that it may have told.
    fn resync(self: &Rc<Self>, why: &str) {
        leptos::logging::warn!("re-sync, since {why}");
        if !self.resyncing.replace(true) {
            self.catch_up();
            self.after(RESYNC_MS, |driver| driver.resyncing.set(false));
        }
    }

    /// Handles the return of the tab. `slept`: the machine slept, and an older socket is replaced without a probe.
    fn woke(self: &Rc<Self>, slept: bool) {
        let stale = slept && self.silence().is_some_and(|silent| silent > 1_000);
        self.event(if stale { Event::ProbeFailed } else { Event::Woke });
    }
}
