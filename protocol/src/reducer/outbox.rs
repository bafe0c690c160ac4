//! The outbox: messages that the server has not acknowledged.

use crate::{ClientFrame, ClientId, ConversationId, ErrorBody, ErrorCode, MessageId};
use serde::{Deserialize, Serialize};

/// State of an unsent message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PendingState {
    /// Waits for its turn: one is in flight for each conversation, in order.
    Waiting,
    /// Given to a transport; goes out again, with the same id, when that one is lost.
    InFlight,
    /// Asked to come back at this moment (milliseconds of the caller's clock).
    RetryAt(u64),
    /// Refused for good, with the reason; waits for "try again" or "delete".
    Refused(ErrorBody),
}

/// A message that the server has not acknowledged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The id that the client gave the message; it never changes.
    pub client_id: ClientId,
    /// The text as typed.
    pub content: String,
    /// The message that this one answers.
    pub reply_to: Option<MessageId>,
    /// The progress of sending.
    pub state: PendingState,
    /// The server has it. The row stays until the message is in the timeline, so that it does not disappear between the two.
    #[serde(default, skip)]
    pub(super) acked: bool,
}

/// The delay of a retry if the server names none, in milliseconds.
const RETRY_MS: u64 = 2_000;

impl Pending {
    pub(super) fn new(client_id: ClientId, content: String, reply_to: Option<MessageId>) -> Self {
        Self { client_id, content, reply_to, state: PendingState::Waiting, acked: false }
    }

    /// The frame that sends it.
    #[must_use]
    pub fn frame(&self, conversation: ConversationId) -> ClientFrame {
        ClientFrame::ChatMessage {
            conversation_id: Some(conversation),
            content: self.content.clone(),
            client_id: Some(self.client_id),
            reply_to: self.reply_to,
        }
    }

    /// The server refused it, temporarily or for good. True if the state changed.
    pub(super) fn refused(&mut self, error: ErrorBody, now: u64) -> bool {
        if self.acked {
            return false;
        }
        let state = match error.code {
            ErrorCode::RateLimited
            | ErrorCode::RequestTimeout
            | ErrorCode::Unavailable
            | ErrorCode::Internal => PendingState::RetryAt(now.saturating_add(retry_ms(&error))),
            _ => PendingState::Refused(error),
        };
        let changed = self.state != state;
        self.state = state;
        changed
    }

    /// The transport was lost, and with it the answer. True if the state changed.
    pub(super) fn link_lost(&mut self) -> bool {
        let was_in_flight = self.state == PendingState::InFlight && !self.acked;
        if was_in_flight {
            self.state = PendingState::Waiting;
        }
        was_in_flight
    }
}

/// The delay of a retry, in milliseconds.
pub(super) fn retry_ms(error: &ErrorBody) -> u64 {
    match error.retry_after {
        // Rounded up, so that the retry is not early; the cast saturates.
        Some(seconds) if seconds.is_finite() && seconds >= 0.0 => (seconds * 1_000.0).ceil() as u64,
        _ => RETRY_MS,
    }
}

/// The next message to send and the time at which it is due; `None` while one is in flight. Refused messages are skipped.
pub(super) fn next(outbox: &[Pending]) -> Option<(usize, u64)> {
    if outbox.iter().any(|pending| pending.state == PendingState::InFlight && !pending.acked) {
        return None;
    }
    outbox.iter().enumerate().find_map(|(at, pending)| match pending.state {
        _ if pending.acked => None,
        PendingState::Waiting => Some((at, 0)),
        PendingState::RetryAt(due) => Some((at, due)),
        PendingState::InFlight | PendingState::Refused(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_retry_after_is_no_trap() {
        let after = |retry_after| retry_ms(&ErrorBody { retry_after, ..ErrorBody::rate_limited(0.0) });
        assert_eq!(after(None), 2_000);
        assert_eq!(after(Some(f64::NAN)), 2_000);
        assert_eq!(after(Some(-1.0)), 2_000);
        assert_eq!(after(Some(0.0015)), 2);
        assert_eq!(after(Some(1e300)), u64::MAX);
    }
}
