//! The frames of the socket: JSON objects whose `type` names the frame in snake_case, one enum for each direction.

mod client;
mod server;

pub use client::{ClientFrame, DecodeError, DeleteFor};
pub use server::{
    Ack, ConnectionEstablished, ConversationRemoved, ConversationUpdated, Done, InvitationAdded,
    InvitationLinkCreated, InvitationLinks, InvitationRemoved, MessageDeleted, MessageDelivered, MessageRead,
    MessageRestored, MessageUpdated, NewMessage, NotificationAdded, NotificationsRead, PageAnswer,
    PreferencesUpdated, ServerFrame, Typing, UnreadableFrame, UnreadableReason, UserJoin, UserLeave,
    UserUpdated,
};
