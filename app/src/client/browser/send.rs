//! What this tab says, over whichever transport there is.

use super::driver::Engine;
use super::http as request;
use super::keepalive::ANSWER_MS;
use super::now_ms;
use super::sleep::{first, sleep};
use crate::client::connection::Event;
use crate::client::status::LinkState;
use futures::channel::oneshot;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::task::spawn_local;
use protocol::ClientFrame;
use protocol::reducer::Need;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A request that is not answered for so long is given up, in milliseconds.
const REQUEST_MS: u32 = 10_000;
/// One that is not answered for so long makes us wonder, in milliseconds.
const LATE_MS: u32 = 2_000;
/// The same for a socket that a message goes out on.
const SILENT_MS: u64 = 200;
/// A little longer than that: who was heard before a message went out, and not since, is silent by then.
const SOON_MS: u32 = 250;

/// What waits to be said.
#[derive(Default)]
pub(super) struct Say {
    /// Said while nobody could hear it.
    waiting: RefCell<Vec<ClientFrame>>,
    deadline: Cell<Option<(u64, TimeoutHandle)>>,
    /// Requests that are under way: each is let go of with its end of the channel.
    asked: RefCell<Vec<oneshot::Sender<()>>>,
}

impl Say {
    /// The link is lost, and every answer with it: whatever waits for one holds a connection that others need.
    pub(super) fn forget(&self) {
        self.asked.borrow_mut().clear();
    }

    fn until_lost(&self) -> oneshot::Receiver<()> {
        let (ours, lost) = oneshot::channel();
        let mut asked = self.asked.borrow_mut();
        asked.retain(|other| !other.is_canceled());
        asked.push(ours);
        lost
    }
}

impl Engine {
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
        if !self.mention(frame.clone()) {
            self.say.waiting.borrow_mut().push(frame);
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

    /// Hands over the messages whose turn it is, where there is a transport, and sets the clock for those that wait.
    pub(super) fn pump(self: &Rc<Self>) {
        let state = self.state();
        // Looked at first, because each change of the state wakes everything that shows it.
        let any = || self.client.peek(|state| !state.unsent().is_empty());
        if matches!(state, LinkState::Connected | LinkState::Polling) && any() {
            // First, so that the answer does not wait for the message's own.
            self.wonder(SILENT_MS);
            // A line that was heard just now may have been lost just now.
            self.later(SOON_MS, |engine| engine.wonder(SILENT_MS));
            for frame in self.client.change(|state| state.next_to_send(now_ms())) {
                if self.by_socket(&frame) {
                    self.expect_answer(ANSWER_MS);
                } else {
                    self.by_request(vec![frame]);
                }
            }
        }
        self.set_deadline();
    }

    fn set_deadline(self: &Rc<Self>) {
        let due = self.client.peek(protocol::reducer::State::next_deadline);
        let set = self.say.deadline.take();
        if let Some((at, timer)) = set {
            if due == Some(at) {
                self.say.deadline.set(Some((at, timer)));
                return;
            }
            timer.clear();
        }
        if let Some(at) = due {
            let wait = u32::try_from(at.saturating_sub(now_ms())).unwrap_or(u32::MAX).clamp(10, 60_000);
            let timer = self.later(wait, |engine| {
                engine.say.deadline.take();
                engine.client.change_if(|state| state.tick(now_ms()));
                let needs = engine.client.change(protocol::reducer::State::needs);
                engine.ask(needs);
                engine.pump();
            });
            self.say.deadline.set(timer.map(|timer| (at, timer)));
        }
    }

    /// False when there is no socket to say it.
    pub(super) fn by_socket(&self, frame: &ClientFrame) -> bool {
        if self.state() != LinkState::Connected {
            return false;
        }
        let Ok(text) = serde_json::to_string(frame) else { return false };
        self.socket.borrow().as_ref().is_some_and(|socket| socket.send(&text))
    }

    /// Sends frames without a socket; the answer goes where the socket's would. It says as whom, so that nothing is
    /// done by somebody who signed in meanwhile.
    fn by_request(self: &Rc<Self>, frames: Vec<ClientFrame>) {
        let engine = self.clone();
        let lost = self.say.until_lost();
        spawn_local(async move {
            let me = engine.client.me();
            let in_time = async {
                sleep(LATE_MS).await;
                engine.event(Event::RequestLate);
                sleep(REQUEST_MS - LATE_MS).await;
            };
            let answered = first(request::submit(me, frames), in_time);
            let lost = async {
                let _ = lost.await;
            };
            let Some(answered) = first(answered, lost).await else { return };
            match answered {
                Some(Ok(answers)) => {
                    if engine.are_ours(&answers) {
                        answers.into_iter().for_each(|frame| engine.take(frame));
                    }
                }
                Some(Err(refused)) if refused.signed_out() => engine.event(Event::SignedOut),
                Some(Err(_)) | None => {
                    // Nobody knows whether it arrived: what was in flight goes out again, under the same id.
                    engine.client.change(protocol::reducer::State::link_lost);
                    engine.event(Event::RequestFailed);
                    sleep(1_000).await;
                    engine.catch_up();
                }
            }
        });
    }

    /// Asks for what is missing, then sends what waits.
    pub(super) fn catch_up(self: &Rc<Self>) {
        let sync = ClientFrame::Sync(self.client.peek(protocol::reducer::State::sync_request));
        self.mention(sync);
        for frame in self.say.waiting.take() {
            self.tell(frame);
        }
        self.pump();
        self.deliver().soon(self);
    }
}
