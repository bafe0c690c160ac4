//! Long polling in place of a socket: one held request for all tabs of the browser. The leading tab (by a Web Lock)
//! polls and broadcasts the frames; the others sync once for themselves, then listen.

use super::Driver;
use crate::client::backoff::{PollPace, try_every};
use crate::client::clock::now_ms;
use crate::client::connection::Event;
use crate::client::poll_request;
use crate::client::renew_connections::renew_connections;
use crate::client::timeout::{race, sleep};
use crate::client::web_locks::{self, Request};
use crate::server_fns::{Poll, RequestError, submit};
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, select_all};
use protocol::limits::POLL_HOLD_MS;
use protocol::reducer::State;
use protocol::{ClientFrame, PollAnswer, PollRequest, ServerFrame};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// A held request is given up this long after the server should have answered it.
const GRACE_MS: u64 = 5_000;
/// Most requests for an immediate answer that are under way together; the first one stays, for a slow connection.
const AT_ONCE: usize = 3;
/// Unanswered requests after which polling counts as failed.
const MISSED: u32 = 2;
/// Silence after which a tab no longer relies on the leading one, in milliseconds.
const SILENCE_MS: u64 = POLL_HOLD_MS + 2 * GRACE_MS;

// Messages between tabs: the leading tab broadcasts the JSON of a poll's answer, or one of the first two words.

/// The leading tab has a new long-poll session: the others sync, since frames may have been missed.
const NEW_SESSION: &str = "new-session";
/// The leading tab's poll failed.
const FAILED: &str = "failed";
/// To the leading tab: the server answers again.
const ANSWERS: &str = "answers";

/// Id of a long-poll session, and the number of the last batch that arrived from it.
type Session = (uuid::Uuid, u64);

/// Polls until it is dropped.
pub(super) struct Poller {
    tab: Rc<PollingTab>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

/// State of polling in this tab.
struct PollingTab {
    driver: Rc<Driver>,
    alive: Cell<bool>,
    leading: Cell<bool>,
    heard_at: Cell<u64>,
    wake: RefCell<Option<oneshot::Sender<()>>>,
    channel: Option<BroadcastChannel>,
}

impl Poller {
    pub(super) fn start(driver: &Rc<Driver>) -> Self {
        let name = format!("rapport.poll.{}", driver.client.me());
        let channel = BroadcastChannel::new(&name).ok();
        let tab = Rc::new(PollingTab {
            driver: driver.clone(),
            alive: Cell::new(true),
            leading: Cell::new(false),
            heard_at: Cell::new(0),
            wake: RefCell::new(None),
            channel,
        });
        let on_message = {
            let tab = Rc::downgrade(&tab);
            Closure::new(move |event: MessageEvent| {
                if let (Some(tab), Some(message)) = (tab.upgrade(), event.data().as_string()) {
                    tab.on_message(&message);
                }
            })
        };
        if let Some(channel) = &tab.channel {
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        let (lock, leads) = (web_locks::request(&name, false), tab.clone());
        leptos::task::spawn_local(async move {
            let mut lock = lock.await;
            loop {
                leads.lead(&lock).await;
                if !leads.alive.get() {
                    break;
                }
                // Another tab took the lead.
                leptos::task::spawn_local(leads.clone().follow());
                lock = web_locks::request(&name, false).await;
            }
        });
        leptos::task::spawn_local(tab.clone().follow());
        Self { tab, _on_message: on_message }
    }

    /// Polls at once instead of waiting.
    pub(super) fn poll_now(&self) {
        self.tab.wake();
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.tab.alive.set(false);
        self.tab.wake();
        if let Some(channel) = &self.tab.channel {
            channel.set_onmessage(None);
            channel.close();
        }
    }
}

impl PollingTab {
    fn wake(&self) {
        if let Some(wake) = self.wake.take() {
            let _ = wake.send(());
        }
    }

    /// Waits this many milliseconds, or until woken.
    async fn pause(&self, ms: u32) {
        race(self.woken(), sleep(ms)).await;
    }

    async fn woken(&self) {
        let (wake, woken) = oneshot::channel();
        self.wake.replace(Some(wake));
        let _ = woken.await;
    }

    fn broadcast(&self, message: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&message.into());
        }
    }

    fn on_message(&self, message: &str) {
        if !self.alive.get() {
            return;
        }
        self.heard_at.set(now_ms());
        match message {
            NEW_SESSION => self.wake(),
            ANSWERS if self.leading.get() => self.wake(),
            ANSWERS => {}
            FAILED => self.driver.event(Event::PollFailed),
            answer => match serde_json::from_str(answer) {
                Ok(answer) => self.on_answer(answer),
                // The leading tab may run another version.
                Err(_) => self.driver.resync("a message of the leading tab is not an answer"),
            },
        }
    }

    fn on_answer(&self, answer: PollAnswer) {
        self.driver.event(Event::PollAnswered);
        answer.frames.into_iter().for_each(|frame| self.driver.on_frame(frame));
    }

    /// Polls for all tabs until polling is stopped, or the lock is lost.
    async fn lead(&self, lock: &Request) {
        let leads = || self.alive.get() && !matches!(lock, Request::Granted(lock) if !lock.is_held());
        self.leading.set(true);
        self.wake();
        let mut pace = PollPace::default();
        // Polling begins after a socket failed, so the server may be away, which a held request would show too late.
        pace.doubt();
        let mut session: Option<Session> = None;
        let mut rounds = 0;
        while leads() {
            let (hold, began) = (pace.hold(), now_ms());
            let answer = race(self.request(session, hold, rounds), self.woken()).await;
            let answer = answer.map(|answer| answer.map(|json| self.take(&json?, &mut session)));
            if !leads() {
                break;
            }
            let wait = match answer {
                // Woken: the request may have died with its network. Ask for the same batch again.
                None => {
                    pace.doubt();
                    0
                }
                Some(Some(Ok(()))) => {
                    rounds = 0;
                    pace.answered(hold)
                }
                Some(failed) => {
                    let signed_out = matches!(&failed, Some(Err(refused)) if refused.is_signed_out());
                    if signed_out {
                        self.driver.event(Event::SignedOut);
                    } else if !hold || failed.is_none() {
                        // A proxy may have cut a held request, so that its failure proves nothing. The failure of an
                        // immediate request, or no answer at all, does.
                        self.failed();
                    }
                    let held = hold.then(|| now_ms() - began);
                    if held.is_none() {
                        session = None;
                    }
                    rounds += 1;
                    let pause = pace.failed(held, self.every(), js_sys::Math::random());
                    // The time without an answer was the pause.
                    if failed.is_none() { 0 } else { pause }
                }
            };
            if wait > 0 {
                self.pause(wait).await;
            }
        }
        self.leading.set(false);
    }

    fn failed(&self) {
        if self.leading.get() {
            self.broadcast(FAILED);
        }
        self.driver.event(Event::PollFailed);
    }

    /// Milliseconds between two attempts while nothing answers.
    fn every(&self) -> u32 {
        let unsent = self.driver.client.peek(|state| !state.unsent().is_empty());
        try_every(self.driver.is_watched(), unsent)
    }

    /// Polls; `None` when there was no answer in time. `rounds`: attempts before this one that had none.
    async fn request(
        &self,
        session: Option<Session>,
        hold: bool,
        rounds: u32,
    ) -> Option<Result<String, RequestError>> {
        let ask = || -> LocalBoxFuture<'static, Result<String, RequestError>> {
            let request = PollRequest {
                mailbox: session.map(|(mailbox, _)| mailbox),
                batch: session.map_or(0, |(_, batch)| batch),
                wait: hold,
                sync: self.driver.client.peek(State::sync_request),
            };
            Box::pin(poll_request::request(Poll { me: Some(self.driver.client.me()), request }))
        };
        if hold {
            let most = u32::try_from(POLL_HOLD_MS + GRACE_MS).unwrap_or(u32::MAX);
            return race(ask(), sleep(most)).await;
        }
        self.try_hard(&ask, rounds).await
    }

    /// Asks until there is an answer, over one connection after the other: a request that was sent while the network was
    /// down may never be answered, and the next one finds the network that is back.
    async fn try_hard<T>(
        &self,
        ask: &dyn Fn() -> LocalBoxFuture<'static, Result<T, RequestError>>,
        rounds: u32,
    ) -> Option<Result<T, RequestError>> {
        let end = now_ms() + (GRACE_MS << rounds.min(2));
        let mut under_way = Vec::new();
        for missed in 0.. {
            if under_way.len() == AT_ONCE {
                drop(under_way.remove(1));
            }
            under_way.push(ask());
            if let Some((answer, _, _)) = race(select_all(&mut under_way), sleep(self.every())).await {
                return Some(answer);
            }
            if now_ms() >= end {
                break;
            }
            if missed == 0 && rounds == 0 {
                renew_connections();
            }
            if missed + 1 == MISSED {
                self.failed();
            }
        }
        None
    }

    /// Takes an answer and broadcasts it.
    fn take(&self, json: &str, session: &mut Option<Session>) -> Result<(), RequestError> {
        // A proxy's page instead of our JSON is no answer.
        let answer: PollAnswer = serde_json::from_str(json).map_err(|error| {
            leptos::logging::warn!("the answer of a poll cannot be read: {error}");
            RequestError::unreached()
        })?;
        if !self.driver.are_ours(&answer.frames) {
            return Ok(());
        }
        if session.is_none_or(|(mailbox, _)| mailbox != answer.mailbox) {
            self.broadcast(NEW_SESSION);
        }
        *session = Some((answer.mailbox, answer.batch));
        self.broadcast(json);
        self.on_answer(answer);
        Ok(())
    }

    /// Another tab leads: sync at the beginning, when told to, and when the leading tab falls silent.
    async fn follow(self: Rc<Self>) {
        // By then a free lock is granted, and this tab leads.
        sleep(50).await;
        let mut rounds = 0;
        while self.alive.get() && !self.leading.get() {
            let ask = || -> LocalBoxFuture<'static, Result<Vec<ServerFrame>, RequestError>> {
                let sync = self.driver.client.peek(State::sync_request);
                Box::pin(submit(Some(self.driver.client.me()), vec![ClientFrame::Sync(sync)]))
            };
            let woken = Cell::new(false);
            let answer = race(self.try_hard(&ask, rounds), async {
                self.woken().await;
                woken.set(true);
            });
            let answer = answer.await.flatten();
            if !self.alive.get() || self.leading.get() {
                return;
            }
            match answer {
                Some(Ok(frames)) => {
                    if !self.driver.are_ours(&frames) {
                        return;
                    }
                    if rounds > 0 {
                        self.broadcast(ANSWERS);
                    }
                    rounds = 0;
                    self.driver.event(Event::PollAnswered);
                    frames.into_iter().for_each(|frame| self.driver.on_frame(frame));
                    self.heard_at.set(now_ms());
                    self.until_silent().await;
                }
                None if woken.get() => {}
                failed => {
                    let signed_out = matches!(&failed, Some(Err(refused)) if refused.is_signed_out());
                    self.driver.event(if signed_out { Event::SignedOut } else { Event::PollFailed });
                    rounds += 1;
                    match (self.driver.is_watched(), failed.is_some()) {
                        (true, true) => self.pause(self.every()).await,
                        // The time without an answer was the pause.
                        (true, false) => {}
                        // A hidden tab takes no connections from the leading one, which tells it when it is answered.
                        (false, _) => self.pause(SILENCE_MS as u32).await,
                    }
                }
            }
        }
    }

    /// Waits until woken, or until the leading tab has been silent for too long.
    async fn until_silent(&self) {
        loop {
            let quiet = now_ms().saturating_sub(self.heard_at.get());
            if quiet >= SILENCE_MS {
                return;
            }
            let wait = u32::try_from(SILENCE_MS - quiet).unwrap_or(u32::MAX);
            if race(self.woken(), sleep(wait)).await.is_some() {
                return;
            }
        }
    }
}
