//! Frames that the server sends: one plain struct each, and the enum over them.

mod decode;
mod invitations;

pub use decode::{UnreadableFrame, UnreadableReason};
pub use invitations::{InvitationAdded, InvitationLinkCreated, InvitationLinks, InvitationRemoved};

use crate::{
    Changes, ClientId, Conversation, ConversationId, ErrorBody, ListPage, Member, MembershipUpdated, Message,
    MessageId, Notification, NotificationPage, Page, Person, PersonStatus, Preferences, Status, SyncAnswer,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

/// A frame from the server. On the wire it is the object of its struct with the frame's name as `type` in front.
///
/// It is written by serde's derive and read by the dispatch in `decode.rs`, which needs a line for each variant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame of every socket.
    ConnectionEstablished(ConnectionEstablished),
    /// A message was sent.
    NewMessage(NewMessage),
    /// A message changed.
    MessageUpdated(MessageUpdated),
    /// A message was deleted, for everyone or for the recipient alone.
    MessageDeleted(MessageDeleted),
    /// A message that the recipient had deleted for themselves is shown again.
    MessageRestored(MessageRestored),
    /// A member began or stopped typing.
    Typing(Typing),
    /// A member read everything up to a message.
    MessageRead(MessageRead),
    /// Everything up to a message arrived on a device of a member.
    MessageDelivered(MessageDelivered),
    /// A member opened the conversation.
    UserJoin(UserJoin),
    /// A member closed the conversation.
    UserLeave(UserLeave),
    /// The presence of a person changed.
    UserStatus(PersonStatus),
    /// The name or picture of a person changed.
    UserUpdated(UserUpdated),
    /// The sender's message is stored.
    Ack(Ack),
    /// A request was refused. The socket stays open.
    Error(ErrorBody),
    /// The answer to `sync`.
    Synced(SyncAnswer),
    /// The answer to `list`.
    List(ListPage),
    /// The answer to `changes`.
    Changes(Changes),
    /// The answer to `page`.
    Page(PageAnswer),
    /// A conversation came into the recipient's list, or changed for the recipient.
    ConversationUpdated(ConversationUpdated),
    /// A conversation left the recipient's list.
    ConversationRemoved(ConversationRemoved),
    /// The recipient's preferences changed.
    PreferencesUpdated(PreferencesUpdated),
    /// Something happened that concerns the recipient.
    Notification(NotificationAdded),
    /// The recipient marked notifications as read.
    NotificationsRead(NotificationsRead),
    /// The answer to `notifications`.
    Notifications(NotificationPage),
    /// The recipient's own state of a conversation changed.
    MembershipUpdated(MembershipUpdated),
    /// A request that the client gave an id was carried out.
    Done(Done),
    /// Somebody invited the recipient to a group.
    InvitationAdded(InvitationAdded),
    /// An invitation of the recipient was answered or has ended.
    InvitationRemoved(InvitationRemoved),
    /// The answer to `create_invitation_link`.
    InvitationLinkCreated(InvitationLinkCreated),
    /// The answer to `list_invitation_links` and `revoke_invitation_link`.
    InvitationLinks(InvitationLinks),
    /// Keeps intermediaries from closing an idle connection. Needs no answer.
    Ping,
    /// The answer to a client's `ping`.
    Pong,
    /// A frame that this version cannot read. Made by decoding alone, never sent.
    #[serde(skip)]
    Unreadable(UnreadableFrame),
}

/// `connection_established`: the first frame of every socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionEstablished {
    /// The constant text `Connected to chat`.
    pub message: String,
    /// The person that the socket is authenticated as.
    pub user: Person,
    /// The conversation of the socket; absent on the socket of all conversations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The current `rev` of that conversation, 0 or more, to ask for `changes` from; absent on the socket of all
    /// conversations at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<i64>,
    /// The presence of the people in the recipient's small conversations. Who is missing is offline.
    #[serde(default)]
    pub presence: Vec<PersonStatus>,
}

/// `new_message`: a message was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMessage {
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The conversation's counter after this change, 1 or more; equal to the message's `seq`.
    pub rev: i64,
    /// The new message.
    pub message: Message,
    /// The memberships that a system message is about; absent with other messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
}

/// `message_updated`: a message changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageUpdated {
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The conversation's counter after this change, 1 or more.
    pub rev: i64,
    /// The message after the change.
    pub message: Message,
}

/// `message_deleted`: for everyone (`rev` and the tombstone are set) or for the recipient alone (`user_rev` is set).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageDeleted {
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The deleted message.
    pub message_id: MessageId,
    /// The conversation's counter after this change, 1 or more; set when the message is deleted for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<i64>,
    /// The recipient's own counter after this change, 1 or more; set when the message is deleted for the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_rev: Option<i64>,
    /// The tombstone, with empty `content` and `deleted_at`; set when the message is deleted for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

/// `message_restored`: a message that the recipient had deleted for themselves is shown again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageRestored {
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The restored message.
    pub message_id: MessageId,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
}

/// `typing`: a member began or stopped typing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Typing {
    /// The conversation that is typed in.
    pub conversation_id: ConversationId,
    /// The typing member.
    pub user_id: UserId,
    /// The member's username.
    pub username: String,
    /// True when typing began or goes on, false when it ended.
    pub is_typing: bool,
}

/// `message_read`: a member read everything up to a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageRead {
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The last message that was read.
    pub message_id: MessageId,
    /// The member who read it.
    pub reader_id: UserId,
    /// The `seq` of that message, 1 or more.
    pub seq: i64,
    /// The reader's own counter after this change, 1 or more; sent to the reader alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_rev: Option<i64>,
}

/// `message_delivered`: everything up to a message arrived on a device of a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageDelivered {
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The last message that was delivered.
    pub message_id: MessageId,
    /// The member whose device has it.
    pub user_id: UserId,
    /// The `seq` of that message, 1 or more.
    pub seq: i64,
}

/// `user_join`: a member opened the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserJoin {
    /// The opened conversation.
    pub conversation_id: ConversationId,
    /// The member who opened it.
    pub user_id: UserId,
    /// The member's username.
    pub username: String,
}

/// `user_leave`: a member closed the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserLeave {
    /// The closed conversation.
    pub conversation_id: ConversationId,
    /// The member who closed it.
    pub user_id: UserId,
    /// The member's username.
    pub username: String,
}

/// `user_updated`: the name or picture of a person changed; it applies to every message and membership of theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserUpdated {
    /// The person after the change.
    pub user: Person,
}

/// `ack`: the sender's message is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ack {
    /// The id that the client gave the message.
    pub client_id: ClientId,
    /// The stored message, in its current state.
    pub message: Message,
}

/// `done`: a request that the client gave an id was carried out, now or before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Done {
    /// The id that the client gave the request.
    pub client_id: ClientId,
    /// The people of an `add_members` or a `create_conversation` who do not let the person add them, and are no members: they were invited. Absent if there
    /// are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invited: Vec<UserId>,
    /// The conversation of a `create_conversation`; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
}

/// `page`: a stretch of history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageAnswer {
    /// The conversation of the messages.
    pub conversation_id: ConversationId,
    /// The `before` of the request, if it had one: the messages have a `seq` below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// The `after` of the request, if it had one: the messages have a `seq` above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// The messages, at most [`crate::limits::PAGE`].
    pub page: Page,
}

/// `conversation_updated`: a conversation came into the recipient's list, or changed for the recipient. A direct
/// conversation that somebody else opened comes into the list with its first message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationUpdated {
    /// The conversation after the change, as the recipient sees it.
    pub conversation: Conversation,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
}

/// `conversation_removed`: a conversation left the recipient's list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationRemoved {
    /// The removed conversation.
    pub conversation_id: ConversationId,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
}

/// `preferences_updated`: the recipient's preferences changed, on this device or another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreferencesUpdated {
    /// The preferences after the change.
    pub preferences: Preferences,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
}

/// `notification`: something happened that concerns the recipient: a mention, or a change of their membership. For unread
/// messages of direct conversations there is none, since it follows from `new_message`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationAdded {
    /// The new notification.
    pub notification: Notification,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
}

/// `notifications_read`: the recipient marked notifications as read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationsRead {
    /// The time up to which all notifications are read.
    pub up_to: Timestamp,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
}

impl ServerFrame {
    /// The JSON text of the frame.
    ///
    /// # Panics
    /// On [`ServerFrame::Unreadable`], which is made by decoding alone: code that sends decoded frames on filters it out.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("every frame except `Unreadable` has a JSON form")
    }

    /// The conversation whose counter this frame advances, and the counter's new value.
    #[must_use]
    pub fn moves(&self) -> Option<(ConversationId, i64)> {
        match self {
            Self::NewMessage(new) => Some((new.conversation_id, new.rev)),
            Self::MessageUpdated(updated) => Some((updated.conversation_id, updated.rev)),
            Self::MessageDeleted(deleted) => Some((deleted.conversation_id, deleted.rev?)),
            _ => None,
        }
    }

    /// The new value of the recipient's own counter, if this frame advances it.
    #[must_use]
    pub fn moves_own(&self) -> Option<i64> {
        match self {
            Self::MessageDeleted(deleted) => deleted.user_rev,
            Self::MessageRead(read) => read.user_rev,
            Self::MessageRestored(restored) => Some(restored.user_rev),
            Self::ConversationUpdated(updated) => Some(updated.user_rev),
            Self::ConversationRemoved(removed) => Some(removed.user_rev),
            Self::PreferencesUpdated(updated) => Some(updated.user_rev),
            Self::Notification(added) => Some(added.user_rev),
            Self::NotificationsRead(read) => Some(read.user_rev),
            Self::MembershipUpdated(updated) => Some(updated.user_rev),
            Self::InvitationAdded(added) => Some(added.user_rev),
            Self::InvitationRemoved(removed) => Some(removed.user_rev),
            _ => None,
        }
    }

    /// The presence frame of a person.
    #[must_use]
    pub fn status(user: &Person, status: Status, last_seen_at: Option<Timestamp>) -> Self {
        let (user_id, username) = (user.id, user.username.clone());
        Self::UserStatus(PersonStatus { user_id, username, status, last_seen_at })
    }
}
