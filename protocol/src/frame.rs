//! The frames of the socket: JSON objects whose `type` names the frame in snake_case, one enum for each direction.

mod client;
mod decode;
mod server;

pub use client::{ClientFrame, DecodeError, DeleteFor};
pub use decode::{UnreadableFrame, UnreadableReason};
pub use server::{
    Ack, ConnectionEstablished, ConversationRemoved, ConversationUpdated, MessageDeleted, MessageDelivered,
    MessageRead, MessageRestored, MessageUpdated, NewMessage, PageAnswer, ServerFrame, Typing, UserJoin,
    UserLeave, UserUpdated,
};
