//! The leading tab: one request after the other, whose answers it broadcasts.

use super::{NEW_SESSION, PollingTab, Session};
use crate::client::clock::now_ms;
use crate::client::connection::Event;
use crate::client::timeout::race;
use crate::client::timing::PollPace;
use crate::client::web_locks::Request;
use crate::server_fns::RequestError;
use protocol::PollAnswer;

impl PollingTab {
    /// Polls for all tabs until polling is stopped, or the lock is lost.
    pub(super) async fn lead(&self, lock: &Request) {
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
}
