//! Messages that wait for their acknowledgement. Those of a conversation go out one at a time, so that their order is kept,
//! and under the same id until the server has answered. Without I/O and without a clock of its own.

use crate::Error;
use protocol::{ClientFrame, ClientId, ConversationId, ErrorBody, ErrorCode, Message};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Most messages that wait.
const MOST: usize = 1_000;
/// Time after which a message is given up.
const GIVE_UP: Duration = Duration::from_secs(300);
/// Time without an answer after which the connection is taken for lost.
const PATIENCE: Duration = Duration::from_secs(15);
/// Pause after an error that does not name one.
const PAUSE: Duration = Duration::from_secs(1);

/// A message to send, and where its result goes.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) client_id: ClientId,
    pub(crate) conversation: ConversationId,
    pub(crate) content: String,
    pub(crate) result: oneshot::Sender<Result<Message, Error>>,
}

#[derive(Debug)]
struct Entry {
    submission: Submission,
    give_up_at: Instant,
    /// When it was sent over the current connection.
    sent_at: Option<Instant>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queues: BTreeMap<ConversationId, VecDeque<Entry>>,
    not_before: Option<Instant>,
}

impl Outbox {
    /// Adds a message; refused if too many wait.
    pub(crate) fn push(&mut self, submission: Submission, now: Instant) {
        if self.queues.values().map(VecDeque::len).sum::<usize>() >= MOST {
            let _ = submission.result.send(Err(Error::OutboxFull));
            return;
        }
        let queue = self.queues.entry(submission.conversation).or_default();
        queue.push_back(Entry { submission, give_up_at: now + GIVE_UP, sent_at: None });
    }

    /// The frames to send now.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<ClientFrame> {
        if self.not_before.is_some_and(|at| now < at) {
            return Vec::new();
        }
        self.not_before = None;
        let unsent = self
            .queues
            .values_mut()
            .filter_map(|queue| queue.front_mut().filter(|entry| entry.sent_at.is_none()));
        unsent
            .map(|entry| {
                entry.sent_at = Some(now);
                ClientFrame::ChatMessage {
                    conversation_id: Some(entry.submission.conversation),
                    content: entry.submission.content.clone(),
                    client_id: Some(entry.submission.client_id),
                    reply_to: None,
                }
            })
            .collect()
    }

    /// The connection was lost: what was not acknowledged goes out again.
    pub(crate) fn on_lost(&mut self) {
        self.heads().for_each(|entry| entry.sent_at = None);
        self.not_before = None;
    }

    /// The server has stored a message.
    pub(crate) fn on_ack(&mut self, client_id: ClientId, message: Message) {
        self.answer(client_id, Ok(message));
    }

    /// The server has refused a message. It goes out again if that can help.
    pub(crate) fn on_error(&mut self, client_id: ClientId, error: ErrorBody, now: Instant) {
        if !matches!(error.code, ErrorCode::RateLimited | ErrorCode::Unavailable | ErrorCode::Internal) {
            return self.answer(client_id, Err(Error::Refused(error)));
        }
        let pause = error.retry_after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        self.not_before = Some(now + pause.unwrap_or(PAUSE));
        let refused = self.heads().find(|entry| entry.submission.client_id == client_id);
        if let Some(entry) = refused {
            entry.sent_at = None;
        }
    }

    /// Gives up the messages that wait for too long.
    pub(crate) fn expire(&mut self, now: Instant) {
        for queue in self.queues.values_mut() {
            while let Some(entry) = queue.pop_front_if(|entry| entry.give_up_at <= now) {
                let Submission { client_id, result, .. } = entry.submission;
                let _ = result.send(Err(Error::Unacknowledged(client_id)));
            }
        }
        self.queues.retain(|_, queue| !queue.is_empty());
    }

    /// Whether the answer to a message is missing for so long that the connection must be lost.
    pub(crate) fn is_unanswered(&self, now: Instant) -> bool {
        let heads = self.queues.values().filter_map(VecDeque::front);
        heads.filter_map(|entry| entry.sent_at).any(|sent| sent + PATIENCE <= now)
    }

    /// The time of the next change that only the clock makes.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let heads = self.queues.values().filter_map(VecDeque::front);
        let deadlines =
            heads.flat_map(|entry| [Some(entry.give_up_at), entry.sent_at.map(|sent| sent + PATIENCE)]);
        deadlines.flatten().chain(self.not_before).min()
    }

    /// Ends all with this error.
    pub(crate) fn end(&mut self, error: &Error) {
        for entry in std::mem::take(&mut self.queues).into_values().flatten() {
            let _ = entry.submission.result.send(Err(error.clone()));
        }
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    fn heads(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.queues.values_mut().filter_map(VecDeque::front_mut)
    }

    fn answer(&mut self, client_id: ClientId, answer: Result<Message, Error>) {
        for queue in self.queues.values_mut() {
            if let Some(entry) = queue.pop_front_if(|entry| entry.submission.client_id == client_id) {
                // Nobody waits for it any more if this fails.
                let _ = entry.submission.result.send(answer);
                break;
            }
        }
        self.queues.retain(|_, queue| !queue.is_empty());
    }
}

#[cfg(test)]
#[path = "outbox/tests.rs"]
mod tests;
