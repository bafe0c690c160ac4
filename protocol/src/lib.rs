//! The wire protocol and the client state, shared by server, browser, bots and benchmarks: frames, ids, limits, close codes,
//! errors, and the reducer that folds frames into the state of a client. No I/O, no clock of its own, no `web-sys`.

mod close_code;
mod content;
mod error;
mod folding;
mod frame;
mod ids;
mod invisible;
pub mod limits;
mod list;
mod model;
mod poll;
pub mod reducer;
mod sync;
mod timestamp;

pub use close_code::CloseCode;
pub use content::{ContentError, content_hash_input, measure, normalise};
pub use error::{ApiError, ErrorBody, ErrorCode};
pub use folding::{FOLDED_LETTERS, is_word_alone};
pub use frame::{
    Ack, ClientFrame, ConnectionEstablished, ConversationRemoved, ConversationUpdated, DecodeError,
    DeleteFor, MessageDeleted, MessageDelivered, MessageRead, MessageRestored, MessageUpdated, NewMessage,
    PageAnswer, ServerFrame, Typing, UnreadableFrame, UnreadableReason, UserJoin, UserLeave, UserUpdated,
};
pub use ids::{ClientId, ConversationId, MessageId, UserId};
pub use invisible::is_invisible;
pub use list::{InvalidPosition, ListPage, ListPosition};
pub use model::{
    Conversation, ConversationKind, Member, Message, MessageReceipt, MessageType, Person, PersonStatus,
    Preferences, Role, SignIn, Status,
};
pub use poll::{PollAnswer, PollRequest};
pub use sync::{Changes, Hidden, OpenCursors, Page, Side, SyncAnswer, SyncRequest, TypingNow};
pub use timestamp::Timestamp;
