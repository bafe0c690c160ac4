//! The wire protocol and the client state, shared by server, browser, bots and benchmarks: frames, ids, limits, close codes,
//! errors, and the reducer that folds frames into the state of a client. No I/O, no clock of its own, no `web-sys`.

mod addable_by;
mod close_code;
mod content;
mod error;
mod folding;
mod frame;
mod ids;
mod incoming_webhook;
mod invisible;
mod invitation;
mod key_scope;
pub mod limits;
mod list;
mod membership;
mod mention;
mod model;
mod notification;
mod notification_level;
pub mod notify;
mod poll;
mod preferences;
mod push_keys;
pub mod reducer;
mod sync;
mod timestamp;

pub use addable_by::AddableBy;
pub use close_code::CloseCode;
pub use content::{ContentError, content_hash_input, measure, normalise};
pub use error::{ApiError, ErrorBody, ErrorCode};
pub use folding::{FOLDED_LETTERS, is_word_alone};
pub use frame::{
    Ack, ClientFrame, ConnectionEstablished, ConversationRemoved, ConversationUpdated, DecodeError,
    DeleteFor, Done, InvitationAdded, InvitationLinkCreated, InvitationLinks, InvitationRemoved,
    MessageDeleted, MessageDelivered, MessageRead, MessageRestored, MessageUpdated, NewMessage,
    NotificationAdded, NotificationsRead, PageAnswer, PreferencesUpdated, ServerFrame, Typing,
    UnreadableFrame, UnreadableReason, UserJoin, UserLeave, UserUpdated,
};
pub use ids::{ClientId, ConversationId, InvitationId, InvitationLinkId, MessageId, UserId};
pub use incoming_webhook::IncomingWebhook;
pub use invisible::is_invisible;
pub use invitation::{GroupPreview, Invitation, InvitationLink};
pub use key_scope::KeyScope;
pub use list::{InvalidPosition, ListFilter, ListPage, ListPart, ListPosition};
pub use membership::{MembershipChange, MembershipUpdated, PersonalState};
pub use mention::{mentions, readings, typed_mention};
pub use model::{
    ClosedBy, Conversation, ConversationKind, GroupEvent, GroupEventKind, History, Member, Message,
    MessageReceipt, MessageType, Person, PersonStatus, Role, SignIn, Status, Subject, SubjectField,
};
pub use notification::{
    InvalidNotificationId, Notification, NotificationId, NotificationKind, NotificationPage, preview,
};
pub use notification_level::NotificationLevel;
pub use poll::{PollAnswer, PollRequest};
pub use preferences::{AUTO, Preferences, PreferencesChange, is_quiet};
pub use push_keys::PushKeys;
pub use sync::{Changes, Hidden, OpenCursors, Page, Side, SyncAnswer, SyncRequest, TypingNow};
pub use timestamp::Timestamp;
