//! Polls in place of a socket: one held request for all tabs of the browser. The tab that leads asks and passes the
//! frames on; the others catch up once for themselves, then listen.

use super::driver::Engine;
use super::http::{self as request, Asked};
use super::sleep::{first, sleep};
use super::{now_ms, web_locks as lock};
use crate::client::backoff::{PollPace, try_every};
use crate::client::connection::Event;
use crate::server_fns::Refused;
use futures::channel::oneshot;
use futures::future::select_all;
use protocol::limits::POLL_HOLD_MS;
use protocol::{ClientFrame, PollAnswer, PollRequest, ServerFrame};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// A held request is given up this long after the server should have answered it.
const GRACE_MS: u64 = 5_000;
/// So many requests that want their answer at once are under way together; the first stays, for a line that is slow.
const AT_ONCE: usize = 3;
/// After so many, nobody calls the line good.
const MISSED: u32 = 2;
/// So long a tab believes in the one that leads without a word from it.
const SILENCE_MS: u64 = POLL_HOLD_MS + 2 * GRACE_MS;

// What the leading tab tells the others: the text that a poll was answered with, or one of these.

/// It asks from a new beginning: something may have been missed.
const ANEW: &str = "anew";
/// It was not answered.
const FAILED: &str = "failed";

// What another tab tells the one that leads.

/// The server answers again.
const NOW: &str = "now";

/// Ends when dropped.
pub(super) struct Poller {
    shared: Rc<Turn>,
    _hear: Closure<dyn FnMut(MessageEvent)>,
}

struct Turn {
    engine: Rc<Engine>,
    alive: Cell<bool>,
    leading: Cell<bool>,
    heard_at: Cell<u64>,
    wake: RefCell<Option<oneshot::Sender<()>>>,
    channel: Option<BroadcastChannel>,
}

impl Poller {
    pub(super) fn start(engine: &Rc<Engine>) -> Self {
        let name = format!("rapport.poll.{}", engine.client.me());
        let channel = BroadcastChannel::new(&name).ok();
        let turn = Rc::new(Turn {
            engine: engine.clone(),
            alive: Cell::new(true),
            leading: Cell::new(false),
            heard_at: Cell::new(0),
            wake: RefCell::new(None),
            channel,
        });
        let hear = {
            let turn = Rc::downgrade(&turn);
            Closure::new(move |event: MessageEvent| {
                if let (Some(turn), Some(said)) = (turn.upgrade(), event.data().as_string()) {
                    turn.heard(&said);
                }
            })
        };
        if let Some(channel) = &turn.channel {
            channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        }
        let (lock, leads) = (lock::take(&name, false), turn.clone());
        leptos::task::spawn_local(async move {
            let _lock = lock.await;
            leads.lead().await;
        });
        leptos::task::spawn_local(turn.clone().follow());
        Self { shared: turn, _hear: hear }
    }

    /// Whatever is waited for: ask now.
    pub(super) fn now(&self) {
        self.shared.wake();
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.shared.alive.set(false);
        self.shared.wake();
        if let Some(channel) = &self.shared.channel {
            channel.set_onmessage(None);
            channel.close();
        }
    }
}

impl Turn {
    fn wake(&self) {
        if let Some(wake) = self.wake.take() {
            let _ = wake.send(());
        }
    }

    /// Waits so long, or until woken.
    async fn pause(&self, ms: u32) {
        first(self.woken(), sleep(ms)).await;
    }

    async fn woken(&self) {
        let (wake, woken) = oneshot::channel();
        self.wake.replace(Some(wake));
        let _ = woken.await;
    }

    fn tell(&self, said: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&said.into());
        }
    }

    fn heard(&self, said: &str) {
        if !self.alive.get() {
            return;
        }
        self.heard_at.set(now_ms());
        match said {
            ANEW => self.wake(),
            NOW if self.leading.get() => self.wake(),
            NOW => {}
            FAILED => self.engine.event(Event::PollFailed),
            answer => {
                if let Ok(answer) = serde_json::from_str(answer) {
                    self.took(answer);
                }
            }
        }
    }

    fn took(&self, answer: PollAnswer) {
        self.engine.event(Event::PollAnswered);
        answer.frames.into_iter().for_each(|frame| self.engine.take(frame));
    }

    /// Holds a request for all tabs, again and again.
    async fn lead(self: Rc<Self>) {
        self.leading.set(true);
        self.wake();
        let mut pace = PollPace::default();
        // Polls begin where a socket failed: perhaps nothing answers. One that is held would tell so too late.
        pace.doubt();
        let mut place: Option<(uuid::Uuid, u64)> = None;
        let mut rounds = 0;
        while self.alive.get() {
            let (hold, began) = (pace.hold(), now_ms());
            let answer = first(self.request(place, hold, rounds), self.woken()).await;
            let answer = answer.map(|answer| answer.map(|said| self.understood(said?, &mut place)));
            if !self.alive.get() {
                break;
            }
            let wait = match answer {
                // Woken: the request may have died with the network it went out on. Ask anew, for the same batch.
                None => {
                    pace.doubt();
                    0
                }
                Some(Some(Ok(()))) => {
                    rounds = 0;
                    pace.answered(hold)
                }
                Some(failed) => {
                    let signed_out = matches!(&failed, Some(Err(refused)) if refused.signed_out());
                    if signed_out {
                        self.engine.event(Event::SignedOut);
                    } else if !hold || failed.is_none() {
                        // A held request may have been cut by a proxy; one that wants its answer at once tells more,
                        // and so does one that was never answered.
                        self.failed();
                    }
                    let held = hold.then(|| now_ms() - began);
                    if held.is_none() {
                        place = None;
                    }
                    rounds += 1;
                    let pause = pace.failed(held, self.every(), js_sys::Math::random());
                    // The time in which no answer came was the pause.
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
            self.tell(FAILED);
        }
        self.engine.event(Event::PollFailed);
    }

    /// How often a line that does not answer is tried.
    fn every(&self) -> u32 {
        let unsent = self.engine.client.peek(|state| !state.unsent().is_empty());
        try_every(self.engine.is_watched(), unsent)
    }

    /// Asks for news; nothing when there was no answer in time. `rounds` before this one had none.
    async fn request(
        &self,
        place: Option<(uuid::Uuid, u64)>,
        hold: bool,
        rounds: u32,
    ) -> Option<Result<String, Refused>> {
        let ask = || {
            let request = PollRequest {
                mailbox: place.map(|(mailbox, _)| mailbox),
                batch: place.map_or(0, |(_, batch)| batch),
                wait: hold,
                sync: self.engine.client.peek(protocol::reducer::State::sync_request),
            };
            let me = self.engine.client.me();
            request::poll(me, &request)
        };
        if hold {
            let most = u32::try_from(POLL_HOLD_MS + GRACE_MS).unwrap_or(u32::MAX);
            return first(ask(), sleep(most)).await;
        }
        self.try_hard(&ask, rounds).await
    }

    /// Asks until there is an answer, over one connection after the other: what went out while the line was down may
    /// never come back, and whoever asks next finds the line that is there again.
    async fn try_hard(&self, ask: &dyn Fn() -> Asked, rounds: u32) -> Option<Result<String, Refused>> {
        let end = now_ms() + (GRACE_MS << rounds.min(2));
        let mut under_way = Vec::new();
        for missed in 0.. {
            if under_way.len() == AT_ONCE {
                drop(under_way.remove(1));
            }
            under_way.push(ask());
            if let Some((answer, _, _)) = first(select_all(&mut under_way), sleep(self.every())).await {
                return Some(answer);
            }
            if now_ms() >= end {
                break;
            }
            if missed == 0 && rounds == 0 {
                request::renew_connections();
            }
            if missed + 1 == MISSED {
                self.failed();
            }
        }
        None
    }

    /// Takes an answer and passes it on.
    fn understood(&self, said: String, place: &mut Option<(uuid::Uuid, u64)>) -> Result<(), Refused> {
        let answer: PollAnswer = request::understood(&said)?;
        if !self.engine.are_ours(&answer.frames) {
            return Ok(());
        }
        if place.is_none_or(|(mailbox, _)| mailbox != answer.mailbox) {
            self.tell(ANEW);
        }
        *place = Some((answer.mailbox, answer.batch));
        self.tell(&said);
        self.took(answer);
        Ok(())
    }

    /// Another tab leads: catch up at the beginning, when told to, and when it falls silent.
    async fn follow(self: Rc<Self>) {
        // A lock that is free is ours by then.
        sleep(50).await;
        let mut rounds = 0;
        while self.alive.get() && !self.leading.get() {
            let ask = || {
                let sync = self.engine.client.peek(protocol::reducer::State::sync_request);
                request::said(self.engine.client.me(), &vec![ClientFrame::Sync(sync)])
            };
            let woken = Cell::new(false);
            let answer = first(self.try_hard(&ask, rounds), async {
                self.woken().await;
                woken.set(true);
            });
            let answer = answer.await.flatten().map(|said| request::understood::<Vec<ServerFrame>>(&said?));
            if !self.alive.get() || self.leading.get() {
                return;
            }
            match answer {
                Some(Ok(frames)) => {
                    if !self.engine.are_ours(&frames) {
                        return;
                    }
                    if rounds > 0 {
                        self.tell(NOW);
                    }
                    rounds = 0;
                    self.engine.event(Event::PollAnswered);
                    frames.into_iter().for_each(|frame| self.engine.take(frame));
                    self.heard_at.set(now_ms());
                    self.until_silent().await;
                }
                None if woken.get() => {}
                failed => {
                    let signed_out = matches!(&failed, Some(Err(refused)) if refused.signed_out());
                    self.engine.event(if signed_out { Event::SignedOut } else { Event::PollFailed });
                    rounds += 1;
                    match (self.engine.is_watched(), failed.is_some()) {
                        (true, true) => self.pause(self.every()).await,
                        // The time in which no answer came was the pause.
                        (true, false) => {}
                        // Tabs that nobody looks at do not take connections from the one that leads: it tells them when
                        // it is answered again.
                        (false, _) => self.pause(SILENCE_MS as u32).await,
                    }
                }
            }
        }
    }

    /// Until woken, or until the leading tab has said nothing for too long.
    async fn until_silent(&self) {
        loop {
            let quiet = now_ms().saturating_sub(self.heard_at.get());
            if quiet >= SILENCE_MS {
                return;
            }
            let wait = u32::try_from(SILENCE_MS - quiet).unwrap_or(u32::MAX);
            if first(self.woken(), sleep(wait)).await.is_some() {
                return;
            }
        }
    }
}
