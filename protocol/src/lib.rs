//! What server, browser, bots and benchmarks share: frames, ids, limits, close codes, errors and the
//! reducer that turns frames into what is on screen. No I/O, no clock of its own, no `web-sys`.

mod close;
mod content;
mod error;
mod frame;
mod ids;
pub mod limits;
mod model;
pub mod reducer;
mod sync;
mod timestamp;
pub mod wire;

pub use close::CloseCode;
pub use content::{ContentError, content_hash_input, measure, normalise};
pub use error::{ApiError, ErrorBody, ErrorCode};
pub use frame::{ClientFrame, DecodeError, DeleteFor, ServerFrame};
pub use ids::{ClientId, ConversationId, MessageId, UserId};
pub use model::{
    Conversation, ConversationKind, Member, Message, MessageReceipt, MessageType, Person, PersonStatus,
    Preferences, Role, SignIn, Status,
};
pub use sync::{
    Changes, Hidden, OpenCursors, Page, PollAnswer, PollRequest, Side, SyncAnswer, SyncRequest, TypingNow,
};
pub use timestamp::Timestamp;
