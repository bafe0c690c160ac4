//! Requests of a client that are repeated until they are answered: over HTTP, or as frames over its connection.

use super::answers::Answer;
use super::client::Client;
use super::history::Kind;
use crate::BoxError;
use crate::api::Api;
use protocol::{ClientFrame, ClientId};
use rand::Rng as _;
use std::time::{Duration, Instant};

/// The time without an answer after which the result is unknown.
pub(super) const UNKNOWN_AFTER: Duration = Duration::from_secs(30);
/// The wait of a client that gives up early.
pub(super) const GIVE_UP_AFTER: Duration = Duration::from_millis(150);
/// The timeout of one request.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(4);

/// The result of a request that is repeated until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// Refused for good, at the first attempt that could have taken effect.
    Refused,
    Unknown,
}

impl Outcome {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Done => Kind::Ok,
            Self::Refused => Kind::Fail,
            Self::Unknown => Kind::Info,
        }
    }
}

impl Client {
    /// Makes an HTTP request, repeated until it is answered: at `node` first, then at random ones. `ask` returns whether it
    /// was done, and what it found, also of a refusal.
    pub(super) async fn request<T, F: Future<Output = Result<(bool, Option<T>), BoxError>>>(
        &mut self,
        node: usize,
        deadline: Instant,
        mut ask: impl FnMut(Api) -> F,
    ) -> (Outcome, Option<T>) {
        let mut node = node;
        let mut unsure = false;
        while Instant::now() < deadline {
            let Some(api) = self.endpoint(node) else { break };
            let within = REQUEST_TIMEOUT.min(deadline.saturating_duration_since(Instant::now()));
            match self.meanwhile(tokio::time::timeout(within, ask(api))).await {
                Ok(Ok((true, found))) => return (Outcome::Done, found),
                Ok(Ok((false, _))) if unsure => return (Outcome::Unknown, None),
                Ok(Ok((false, found))) => return (Outcome::Refused, found),
                _ => {}
            }
            unsure = true;
            node = self.jitter.random_range(0..self.context.endpoints.len());
            self.pause(deadline).await;
        }
        (Outcome::Unknown, None)
    }

    /// Sends a frame with this id over the connection. It is sent again after a broken connection, and after a time without an
    /// answer.
    pub(super) async fn request_by_frame(
        &mut self,
        id: ClientId,
        frame: ClientFrame,
        deadline: Instant,
    ) -> Outcome {
        let mut unsure = false;
        self.awaited_request = Some(id);
        while Instant::now() < deadline {
            self.answer = None;
            self.queue(frame.clone());
            let disconnects = self.disconnects;
            let within = deadline.min(Instant::now() + REQUEST_TIMEOUT);
            let answer = self
                .until(within, |client| match client.answer.take() {
                    None if client.disconnects != disconnects => Some(Answer::Again),
                    answer => answer,
                })
                .await;
            match answer {
                Some(Answer::Done) => return Outcome::Done,
                Some(Answer::Refused) if unsure => return Outcome::Unknown,
                Some(Answer::Refused) => return Outcome::Refused,
                Some(Answer::Again) | None => {}
            }
            unsure = true;
            self.pause(deadline).await;
        }
        Outcome::Unknown
    }

    async fn pause(&mut self, deadline: Instant) {
        let pause = Duration::from_millis(self.jitter.random_range(5..80));
        self.until(deadline.min(Instant::now() + pause), |_| None::<()>).await;
    }

    pub(super) fn endpoint(&self, node: usize) -> Option<Api> {
        self.context.endpoints.get(node % self.context.endpoints.len()).cloned()
    }
}
