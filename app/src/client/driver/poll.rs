//! Long polling in place of a socket: one held request for all tabs of the browser. The leading tab (by a Web Lock)
//! polls and broadcasts the frames; the others sync once for themselves, then listen.

mod follow;
mod lead;
mod request;

use super::Driver;
use crate::client::clock::now_ms;
use crate::client::connection::Event;
use crate::client::timeout::{race, sleep};
use crate::client::web_locks;
use futures::channel::oneshot;
use protocol::PollAnswer;
use protocol::limits::POLL_HOLD_MS;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// A held request is given up this long after the server should have answered it.
const GRACE_MS: u64 = 5_000;
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
}
