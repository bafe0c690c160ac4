//! Polls in place of a socket: one held request for all tabs of the browser. The tab that leads asks and passes the
//! frames on; the others catch up once for themselves, then listen.

use super::engine::Engine;
use super::sleep::{first, sleep};
use super::{lock, now_ms, request};
use crate::live::link::Event;
use crate::live::pace::PollPace;
use crate::rpc::Refused;
use futures::channel::oneshot;
use futures::future::select_all;
use protocol::limits::POLL_HOLD_MS;
use protocol::{ClientFrame, PollAnswer, PollRequest, wire};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// A held request is given up this long after the server should have answered it.
const GRACE_MS: u64 = 5_000;
/// A request that wants its answer at once is joined by another after so long, until one of them is answered: what went
/// out while the line was down may never come back, and whoever asks next finds the line that is there again.
const HEDGE_MS: u32 = 1_000;
/// So long a tab believes in the one that leads without a word from it.
const SILENCE_MS: u64 = POLL_HOLD_MS + 2 * GRACE_MS;

// What the leading tab tells the others: the text that a poll was answered with, or one of these.

/// It asks from a new beginning: something may have been missed.
const ANEW: &str = "anew";
/// It was not answered.
const FAILED: &str = "failed";

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
            FAILED => self.engine.event(Event::PollFailed),
            answer => {
                if let Some(answer) = wire::read(answer) {
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
        while self.alive.get() {
            let hold = pace.hold();
            let answer = first(self.request(place, hold), self.woken()).await;
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
                Some(Some(Ok(()))) => pace.answered(hold),
                Some(failed) => {
                    let signed_out = matches!(&failed, Some(Err(refused)) if refused.signed_out());
                    if signed_out {
                        self.engine.event(Event::SignedOut);
                    } else if !hold || failed.is_none() {
                        // A held request may have been cut by a proxy; one that wants its answer at once tells more,
                        // and so does one that was never answered.
                        self.tell(FAILED);
                        self.engine.event(Event::PollFailed);
                    }
                    place = None;
                    pace.failed(hold, js_sys::Math::random())
                }
            };
            if wait > 0 {
                self.pause(wait).await;
            }
        }
        self.leading.set(false);
    }

    /// Asks for news; nothing when there was no answer in time.
    async fn request(&self, place: Option<(uuid::Uuid, u64)>, hold: bool) -> Option<Result<String, Refused>> {
        let engine = &self.engine;
        let ask = || {
            let request = PollRequest {
                mailbox: place.map(|(mailbox, _)| mailbox),
                batch: place.map_or(0, |(_, batch)| batch),
                wait: hold,
                sync: engine.client.peek(protocol::reducer::State::sync_request),
            };
            let me = engine.client.me();
            Box::pin(async move { request::poll(me, &request).await })
        };
        if hold {
            let most = u32::try_from(POLL_HOLD_MS + GRACE_MS).unwrap_or(u32::MAX);
            return first(ask(), sleep(most)).await;
        }
        let mut under_way = Vec::new();
        for _ in 0..GRACE_MS / u64::from(HEDGE_MS) {
            under_way.push(ask());
            if let Some((answer, _, _)) = first(select_all(&mut under_way), sleep(HEDGE_MS)).await {
                return Some(answer);
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
        let mut pace = PollPace::default();
        while self.alive.get() && !self.leading.get() {
            let sync = self.engine.client.peek(protocol::reducer::State::sync_request);
            let asked = request::submit(self.engine.client.me(), vec![ClientFrame::Sync(sync)]);
            let answer = first(asked, sleep(GRACE_MS as u32)).await;
            if !self.alive.get() || self.leading.get() {
                return;
            }
            match answer {
                Some(Ok(frames)) => {
                    if !self.engine.are_ours(&frames) {
                        return;
                    }
                    pace.answered(false);
                    self.engine.event(Event::PollAnswered);
                    frames.into_iter().for_each(|frame| self.engine.take(frame));
                    self.heard_at.set(now_ms());
                    self.until_silent().await;
                }
                failed => {
                    let signed_out = matches!(&failed, Some(Err(refused)) if refused.signed_out());
                    self.engine.event(if signed_out { Event::SignedOut } else { Event::PollFailed });
                    self.pause(pace.failed(false, js_sys::Math::random())).await;
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
