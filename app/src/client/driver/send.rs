//! Sending of frames over the current transport.

use super::Driver;
use super::keepalive::ANSWER_MS;
use crate::client::clock::now_ms;
use crate::client::connection::Event;
use crate::client::status::ConnectionStatus;
use crate::client::timeout::{race, sleep};
use crate::server_fns::submit;
use futures::channel::oneshot;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::task::spawn_local;
use protocol::ClientFrame;
use protocol::reducer::{Need, State};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Time after which a request without an answer is given up, in milliseconds.
const REQUEST_MS: u32 = 10_000;
/// Time after which it casts doubt on the connection, in milliseconds.
const LATE_MS: u32 = 2_000;
/// Silence of the socket after which it is probed when a message goes out on it, in milliseconds.
const SILENT_MS: u64 = 200;
/// A little longer than that, for a second look: the socket may have been lost just before the message.
const SOON_MS: u32 = 250;

/// Frames that wait for a transport, and requests under way.
#[derive(Default)]
pub(super) struct SendQueue {
    /// Frames that were sent while there was no transport.
    waiting: RefCell<Vec<ClientFrame>>,
    deadline: Cell<Option<(u64, TimeoutHandle)>>,
    /// One sender for each request under way: dropping it aborts the request.
    requests: RefCell<Vec<oneshot::Sender<()>>>,
}

impl SendQueue {
    /// The transport is lost: aborts requests, which hold connections of the browser that others need.
    pub(super) fn forget_requests(&self) {
        self.requests.borrow_mut().clear();
    }

    fn until_lost(&self) -> oneshot::Receiver<()> {
        let (request, lost) = oneshot::channel();
        let mut requests = self.requests.borrow_mut();
        requests.retain(|other| !other.is_canceled());
        requests.push(request);
        lost
    }
}

impl Driver {
    /// Sends the requests of the reducer: over the socket, else by a server function.
    pub(in crate::client) fn ask(self: &Rc<Self>, needs: Vec<Need>) {
        let mut frames: Vec<_> = needs.into_iter().map(|Need::Ask(frame)| frame).collect();
        if matches!(self.status(), ConnectionStatus::Offline | ConnectionStatus::Stopped(_)) {
            return; // Reconnecting asks for everything again.
        }
        frames.retain(|frame| !self.send_by_socket(frame));
        if !frames.is_empty() {
            self.send_by_request(frames);
        }
    }

    /// Sends a frame now, or as soon as there is a transport.
    pub(in crate::client) fn must_send(self: &Rc<Self>, frame: ClientFrame) {
        if !self.may_send(frame.clone()) {
            self.queue.waiting.borrow_mut().push(frame);
        }
    }

    /// Sends a frame now, or drops it without a transport. True when there was one.
    pub(in crate::client) fn may_send(self: &Rc<Self>, frame: ClientFrame) -> bool {
        if self.send_by_socket(&frame) {
            return true;
        }
        let polling = self.status() == ConnectionStatus::Polling;
        if polling {
            self.send_by_request(vec![frame]);
        }
        polling
    }

    /// Sends the messages whose turn it is, where there is a transport, and sets the timer for the next deadline.
    pub(in crate::client) fn pump(self: &Rc<Self>) {
        let state = self.status();
        let any = || self.client.peek(|state| !state.unsent().is_empty());
        if matches!(state, ConnectionStatus::Connected | ConnectionStatus::Polling) && any() {
            // Before the message, so that the answer to the probe does not wait for the message's commit.
            self.probe_if_silent(SILENT_MS);
            self.after(SOON_MS, |driver| driver.probe_if_silent(SILENT_MS));
            for frame in self.client.update(|state| state.next_to_send(now_ms())) {
                if self.send_by_socket(&frame) {
                    self.expect_answer(ANSWER_MS);
                } else {
                    self.send_by_request(vec![frame]);
                }
            }
        }
        self.set_deadline();
    }

    fn set_deadline(self: &Rc<Self>) {
        let due = self.client.peek(State::next_deadline);
        let set = self.queue.deadline.take();
        if let Some((at, timer)) = set {
            if due == Some(at) {
                self.queue.deadline.set(Some((at, timer)));
                return;
            }
            timer.clear();
        }
        if let Some(at) = due {
            let wait = u32::try_from(at.saturating_sub(now_ms())).unwrap_or(u32::MAX).clamp(10, 60_000);
            let timer = self.after(wait, |driver| {
                driver.queue.deadline.take();
                let needs = driver.client.update(|state| {
                    state.tick(now_ms());
                    state.needs()
                });
                driver.ask(needs);
                driver.pump();
            });
            self.queue.deadline.set(timer.map(|timer| (at, timer)));
        }
    }

    /// Sends a frame over the socket; false where there is none.
    pub(super) fn send_by_socket(&self, frame: &ClientFrame) -> bool {
        if self.status() != ConnectionStatus::Connected {
            return false;
        }
        match serde_json::to_string(frame) {
            Ok(text) => self.socket.borrow().as_ref().is_some_and(|socket| socket.send(text)),
            Err(error) => {
                leptos::logging::error!("a frame cannot be encoded: {error}");
                false
            }
        }
    }

    /// Sends frames by the server function; the answer goes where the socket's would.
    fn send_by_request(self: &Rc<Self>, frames: Vec<ClientFrame>) {
        let driver = self.clone();
        let lost = self.queue.until_lost();
        spawn_local(async move {
            let me = driver.client.me();
            let in_time = async {
                sleep(LATE_MS).await;
                driver.event(Event::RequestLate);
                sleep(REQUEST_MS - LATE_MS).await;
            };
            let answered = race(submit(Some(me), frames), in_time);
            let lost = async {
                let _ = lost.await;
            };
            let Some(answered) = race(answered, lost).await else { return };
            match answered {
                Some(Ok(answers)) => {
                    if driver.are_ours(&answers) {
                        answers.into_iter().for_each(|frame| driver.on_frame(frame));
                    }
                }
                Some(Err(refused)) if refused.is_signed_out() => driver.event(Event::SignedOut),
                failed => {
                    if let Some(Err(refused)) = &failed
                        && !refused.unreached
                    {
                        leptos::logging::warn!("a request was refused: {refused}");
                    }
                    // The server may have handled the request: messages in flight are sent again with the same id.
                    driver.client.update(State::link_lost);
                    driver.event(Event::RequestFailed);
                    sleep(1_000).await;
                    driver.catch_up();
                }
            }
        });
    }

    /// Asks for what is missing, then sends the frames that wait.
    pub(super) fn catch_up(self: &Rc<Self>) {
        let sync = ClientFrame::Sync(self.client.peek(State::sync_request));
        self.may_send(sync);
        for frame in self.queue.waiting.take() {
            self.must_send(frame);
        }
        self.pump();
        self.delivery.schedule(self);
    }
}
