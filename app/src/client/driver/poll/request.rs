//! Requests that are repeated over new connections until one is answered.

use super::{FAILED, GRACE_MS, PollingTab, Session};
use crate::client::clock::now_ms;
use crate::client::connection::Event;
use crate::client::poll_request;
use crate::client::renew_connections::renew_connections;
use crate::client::timeout::{race, sleep};
use crate::client::timing::try_every;
use crate::server_fns::{Poll, RequestError};
use futures::future::{LocalBoxFuture, select_all};
use protocol::PollRequest;
use protocol::limits::POLL_HOLD_MS;
use protocol::reducer::State;

/// Most requests for an immediate answer that are under way together; the first one stays, for a slow connection.
const AT_ONCE: usize = 3;
/// Unanswered requests after which polling counts as failed.
const MISSED: u32 = 2;

impl PollingTab {
    /// Polls; `None` when there was no answer in time. `rounds`: attempts before this one that had none.
    pub(super) async fn request(
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
    pub(super) async fn try_hard<T>(
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

    pub(super) fn failed(&self) {
        if self.leading.get() {
            self.broadcast(FAILED);
        }
        self.driver.event(Event::PollFailed);
    }

    /// Milliseconds between two attempts while nothing answers.
    pub(super) fn every(&self) -> u32 {
        let unsent = self.driver.client.peek(|state| !state.unsent().is_empty());
        try_every(self.driver.is_watched(), unsent)
    }
}
