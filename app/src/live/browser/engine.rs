//! Carries out what the link machine orders, and moves frames between the transports and the state.

use super::deliver::Deliver;
use super::poller::Poller;
use super::socket::{Heard, Socket};
use super::{now_ms, request, sleep::sleep};
use crate::client::Client;
use crate::live::link::{Event, Link, LinkState, Order, PATIENCE_MS};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::reducer::Need;
use protocol::{ClientFrame, ServerFrame, wire};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Without an answer for so long, a probed socket is dead.
const PROBE_MS: u64 = 5_000;

/// The link of this tab.
pub(super) struct Engine {
    pub(super) client: Client,
    link: RefCell<Link>,
    socket: RefCell<Option<Socket>>,
    /// Counts sockets: what an old one still says is not heard.
    generation: Cell<u64>,
    retry: Cell<Option<TimeoutHandle>>,
    deadline: Cell<Option<(u64, TimeoutHandle)>>,
    heard_at: Cell<u64>,
    /// Said while nobody could hear it.
    waiting: RefCell<Vec<ClientFrame>>,
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
            deadline: Cell::new(None),
            heard_at: Cell::new(0),
            waiting: RefCell::new(Vec::new()),
            poller: RefCell::new(None),
            deliver: Deliver::default(),
        });
        (engine, orders)
    }

    fn state(&self) -> LinkState {
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
                Order::Drop => {
                    self.generation.set(self.generation.get() + 1);
                    self.socket.take();
                }
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
                Order::CatchUp => self.catch_up(),
                Order::Lost => {
                    self.client.change(protocol::reducer::State::link_lost);
                    self.deliver.forget();
                }
                Order::Say(line) => leptos::logging::log!("{line}"),
            }
        }
    }

    fn later(self: &Rc<Self>, ms: u32, then: impl FnOnce(&Rc<Self>) + 'static) -> Option<TimeoutHandle> {
        let engine = self.clone();
        set_timeout_with_handle(move || then(&engine), Duration::from_millis(ms.into())).ok()
    }

    fn open(self: &Rc<Self>) {
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        if let Some(timer) = self.retry.take() {
            timer.clear();
        }
        let engine = self.clone();
        let opened = Socket::open(move |heard| {
            if engine.generation.get() != generation {
                return;
            }
            engine.heard_at.set(now_ms());
            match heard {
                Heard::Text(text) => match wire::read(&text) {
                    Some(frame) => {
                        if matches!(frame, ServerFrame::ConnectionEstablished { .. }) {
                            engine.event(Event::Opened);
                        }
                        engine.take(frame);
                    }
                    None => leptos::logging::warn!("a frame that is none"),
                },
                Heard::Closed(code) => {
                    // Not from within the socket's own callback: what follows drops it.
                    let engine = engine.clone();
                    spawn_local(async move {
                        if engine.generation.get() == generation {
                            engine.event(Event::Closed(code));
                        }
                    });
                }
            }
        });
        let refused = opened.is_none();
        self.socket.replace(opened);
        if refused {
            self.later(0, |engine| engine.event(Event::Closed(None)));
        }
    }

    /// A frame arrived, over whatever.
    pub(super) fn take(self: &Rc<Self>, frame: ServerFrame) {
        let needs = self.client.apply(frame);
        self.ask(needs);
        self.pump();
        self.deliver.soon(self);
    }

    /// Sends what the reducer needs: by the socket, else by a request of its own.
    pub(super) fn ask(self: &Rc<Self>, needs: Vec<Need>) {
        let mut frames: Vec<_> = needs.into_iter().map(|Need::Ask(frame)| frame).collect();
        if matches!(self.state(), LinkState::Offline | LinkState::Stopped(_)) {
            return; // Coming back asks for everything anew.
        }
        frames.retain(|frame| !self.by_socket(frame));
        if !frames.is_empty() {
            self.by_request(frames);
        }
    }

    /// Says something now, or as soon as somebody hears it.
    pub(super) fn tell(self: &Rc<Self>, frame: ClientFrame) {
        if self.by_socket(&frame) {
            return;
        }
        if self.state() == LinkState::Polling {
            self.by_request(vec![frame]);
        } else {
            self.waiting.borrow_mut().push(frame);
        }
    }

    /// Says something now or never; true when there was somebody to hear it.
    pub(super) fn mention(self: &Rc<Self>, frame: ClientFrame) -> bool {
        if self.by_socket(&frame) {
            return true;
        }
        let polling = self.state() == LinkState::Polling;
        if polling {
            self.by_request(vec![frame]);
        }
        polling
    }

    pub(super) fn deliver(&self) -> &Deliver {
        &self.deliver
    }

    /// Hands over the messages whose turn it is, where there is a transport, and sets the clock for those that wait.
    pub(super) fn pump(self: &Rc<Self>) {
        let state = self.state();
        // Looked at first, because each change of the state wakes everything that shows it.
        let any = || self.client.peek(|state| !state.unsent().is_empty());
        if matches!(state, LinkState::Connected | LinkState::Polling) && any() {
            for frame in self.client.change(|state| state.next_to_send(now_ms())) {
                if self.by_socket(&frame) {
                    self.expect_answer();
                } else {
                    self.by_request(vec![frame]);
                }
            }
        }
        self.set_deadline();
    }

    fn set_deadline(self: &Rc<Self>) {
        let due = self.client.peek(protocol::reducer::State::next_deadline);
        let set = self.deadline.take();
        if let Some((at, timer)) = set {
            if due == Some(at) {
                self.deadline.set(Some((at, timer)));
                return;
            }
            timer.clear();
        }
        if let Some(at) = due {
            let wait = u32::try_from(at.saturating_sub(now_ms())).unwrap_or(u32::MAX).clamp(10, 60_000);
            let timer = self.later(wait, |engine| {
                engine.deadline.take();
                engine.client.change_if(|state| state.tick(now_ms()));
                let needs = engine.client.change(protocol::reducer::State::needs);
                engine.ask(needs);
                engine.pump();
            });
            self.deadline.set(timer.map(|timer| (at, timer)));
        }
    }

    fn by_socket(&self, frame: &ClientFrame) -> bool {
        if self.state() != LinkState::Connected {
            return false;
        }
        self.socket.borrow().as_ref().is_some_and(|socket| socket.send(&wire::write(frame)))
    }

    /// Sends frames without a socket; the answer goes where the socket's would.
    fn by_request(self: &Rc<Self>, frames: Vec<ClientFrame>) {
        let engine = self.clone();
        spawn_local(async move {
            match request::submit(frames).await {
                Ok(answers) => answers.into_iter().for_each(|frame| engine.take(frame)),
                Err(refused) if refused.signed_out() => engine.event(Event::SignedOut),
                Err(_) => {
                    // Nobody knows whether it arrived: what was in flight goes out again, under the same id.
                    engine.client.change(protocol::reducer::State::link_lost);
                    sleep(1_000).await;
                    engine.catch_up();
                }
            }
        });
    }

    fn catch_up(self: &Rc<Self>) {
        let sync = ClientFrame::Sync(self.client.peek(protocol::reducer::State::sync_request));
        if !self.by_socket(&sync) && self.state() == LinkState::Polling {
            self.by_request(vec![sync]);
        }
        for frame in self.waiting.take() {
            self.tell(frame);
        }
        self.pump();
        self.deliver.soon(self);
    }

    fn probe(self: &Rc<Self>) {
        self.by_socket(&ClientFrame::Ping);
        self.expect_answer();
    }

    /// A socket that says nothing for long after it was spoken to is dead, whatever it pretends.
    fn expect_answer(self: &Rc<Self>) {
        let asked = now_ms();
        let generation = self.generation.get();
        self.later(PROBE_MS as u32, move |engine| {
            if engine.generation.get() == generation && engine.heard_at.get() < asked {
                engine.event(Event::ProbeFailed);
            }
        });
    }

    /// For how long nothing was heard over the socket, in milliseconds; `None` without one.
    pub(super) fn silence(&self) -> Option<u64> {
        (self.state() == LinkState::Connected).then(|| now_ms().saturating_sub(self.heard_at.get()))
    }
}
