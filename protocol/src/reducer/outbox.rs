//! What a person has sent and the server has not yet acknowledged.

use crate::{ClientId, ErrorBody, MessageId};
use serde::{Deserialize, Serialize};

/// How far an unsent message is.
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

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// Its id, for ever.
    pub client_id: ClientId,
    /// As typed.
    pub content: String,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// How far it is.
    pub state: PendingState,
}
