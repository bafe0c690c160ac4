//! Carries out what the link machine orders. What is said over the transports is in [`super::send`], whether they are
//! alive in [`super::keepalive`].

use super::activity::Reader;
use super::delivery_receipts::Deliver;
use super::keepalive::Pulse;
use super::poll::Poller;
use super::send::Say;
use super::socket::{Heard, Socket};
use crate::client::Client;
use crate::client::connection::{Event, Link, Order, PATIENCE_MS};
use crate::client::status::LinkState;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::ServerFrame;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// The link of this tab.
pub(super) struct Engine {
    pub(super) client: Client,
    link: RefCell<Link>,
    pub(super) socket: RefCell<Option<Socket>>,
    /// Counts sockets: what an old one still says is not heard.
    pub(super) generation: Cell<u64>,
    retry: Cell<Option<TimeoutHandle>>,
    pub(super) say: Say,
    pub(super) pulse: Pulse,
    pub(super) reader: Reader,
    poller: RefCell<Option<Poller>>,
    deliver: Deliver,
}

impl Engine {
    pub(super) fn new(client: Client) -> (Rc<Self>, Vec<Order>) {
        let (link, orders) = Link::begin(window().navigator().on_line());
        let engine = Rc::new(Self {
            client,
            link: RefCell::new(link),
            socket: RefCell::new(None),
            generation: Cell::new(0),
            retry: Cell::new(None),
            say: Say::default(),
            pulse: Pulse::default(),
            reader: Reader::begin(),
            poller: RefCell::new(None),
            deliver: Deliver::default(),
        });
        (engine, orders)
    }

    pub(super) fn state(&self) -> LinkState {
        self.link.borrow().state()
    }

    /// Something happened.
    pub(super) fn event(self: &Rc<Self>, event: Event) {
        let orders = self.link.borrow_mut().on(event, js_sys::Math::random());
        self.carry_out(orders);
    }

    /// Does as told.
    pub(super) fn carry_out(self: &Rc<Self>, orders: Vec<Order>) {
        // The badge first: what follows may look at it.
        let state = self.state();
        if self.client.link.try_get_untracked() != Some(state) {
            let _ = self.client.link.try_set(state);
        }
        for order in orders {
            match order {
                Order::Open => self.open(),
                Order::Drop => self.drop_socket(),
                Order::Retry(ms) => {
                    let timer = self.later(ms, |engine| engine.event(Event::RetryDue));
                    if let Some(old) = self.retry.replace(timer) {
                        old.clear();
                    }
                }
                Order::Patience => {
                    self.later(PATIENCE_MS, |engine| engine.event(Event::PatienceOver));
                }
                Order::StartPolling => {
                    self.poller.replace(Some(Poller::start(self)));
                }
                Order::PollNow => {
                    if let Some(poller) = &*self.poller.borrow() {
                        poller.now();
                    }
                }
                Order::StopPolling => {
                    self.poller.take();
                }
                Order::Probe => self.probe(),
                Order::AskWho => self.ask_who(),
                Order::CatchUp => {
                    self.catch_up();
                    self.tell_reader_anew();
                }
                Order::Lost => {
                    self.client.change(protocol::reducer::State::link_lost);
                    self.deliver.forget();
                    self.say.forget();
                }
                Order::Say(line) => leptos::logging::log!("{line}"),
            }
        }
    }

    pub(super) fn later(
        self: &Rc<Self>,
        ms: u32,
        then: impl FnOnce(&Rc<Self>) + 'static,
    ) -> Option<TimeoutHandle> {
        let engine = self.clone();
        set_timeout_with_handle(move || then(&engine), Duration::from_millis(ms.into())).ok()
    }

    fn drop_socket(&self) {
        self.generation.set(self.generation.get() + 1);
        self.socket.take();
    }

    fn open(self: &Rc<Self>) {
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        if let Some(timer) = self.retry.take() {
            timer.clear();
        }
        let patience = self.pulse.begins();
        let engine = self.clone();
        let opened = Socket::open(move |heard| {
            if engine.generation.get() == generation {
                engine.hear(heard, generation);
            }
        });
        let (ms, event) = match &opened {
            Some(_) => (patience, Event::Unopened { watched: self.is_watched() }),
            None => (0, Event::Closed(None)),
        };
        self.socket.replace(opened);
        self.later(ms, move |engine| {
            if engine.generation.get() == generation && engine.state() != LinkState::Connected {
                engine.drop_socket();
                engine.event(event);
            }
        });
    }

    fn hear(self: &Rc<Self>, heard: Heard, generation: u64) {
        self.pulse.heard();
        match heard {
            Heard::Text(text) => match ServerFrame::decode(&text) {
                Ok(frame) if self.is_somebody_else(&frame) => {}
                Ok(frame) => {
                    if matches!(frame, ServerFrame::ConnectionEstablished(_)) {
                        self.pulse.opened();
                        self.event(Event::Opened);
                    }
                    self.take(frame);
                }
                Err(error) => leptos::logging::warn!("a frame that is not JSON: {error}"),
            },
            Heard::Closed(code) => {
                // Not from within the socket's own callback: what follows drops it.
                let engine = self.clone();
                spawn_local(async move {
                    if engine.generation.get() == generation {
                        engine.event(Event::Closed(code));
                    }
                });
            }
        }
    }

    /// A frame arrived, over whatever.
    pub(super) fn take(self: &Rc<Self>, frame: ServerFrame) {
        let needs = self.client.apply(frame);
        self.ask(needs);
        self.pump();
        self.deliver.soon(self);
    }

    pub(super) fn deliver(&self) -> &Deliver {
        &self.deliver
    }

    /// The tab came back; `slept`: for so long that a socket from before is not worth a question.
    pub(super) fn woke(self: &Rc<Self>, slept: bool) {
        let stale = slept && self.silence().is_some_and(|silent| silent > 1_000);
        self.event(if stale { Event::ProbeFailed } else { Event::Woke });
    }
}
