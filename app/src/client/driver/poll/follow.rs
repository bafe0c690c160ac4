//! The other tabs: they sync once for themselves, and listen to the leading one.

use super::{ANSWERS, PollingTab, SILENCE_MS};
use crate::client::clock::now_ms;
use crate::client::connection::Event;
use crate::client::timeout::{race, sleep};
use crate::server_fns::{RequestError, submit};
use futures::future::LocalBoxFuture;
use protocol::reducer::State;
use protocol::{ClientFrame, ServerFrame};
use std::cell::Cell;
use std::rc::Rc;

impl PollingTab {
    /// Another tab leads: sync at the beginning, when told to, and when the leading tab falls silent.
    pub(super) async fn follow(self: Rc<Self>) {
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
