//! Long polling: the request and answer of `poll`, for clients without a socket.

use crate::{ServerFrame, SyncRequest};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A long-poll request: asks for the frames that a socket would have brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PollRequest {
    /// The mailbox that the last answer named; `None` for the first request.
    pub mailbox: Option<Uuid>,
    /// The number of the last batch that arrived from the mailbox, 0 or more. If the server has another number, it
    /// starts a new mailbox.
    pub batch: u64,
    /// Whether to hold the request until there are frames; else it is answered at once.
    pub wait: bool,
    /// The state of the client; answered first when the mailbox is new.
    pub sync: SyncRequest,
}

/// The answer to a long-poll request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PollAnswer {
    /// The mailbox for the next request.
    pub mailbox: Uuid,
    /// The number of this batch, 0 or more.
    pub batch: u64,
    /// The frames that a socket would have brought, in order.
    pub frames: Vec<ServerFrame>,
}
