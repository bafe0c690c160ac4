//! Catching up: the request and answer of `sync`, the same over page, socket and poll.

use crate::{
    Conversation, ConversationId, Invitation, ListPosition, Member, Message, MessageId, NotificationPage,
    Person, PersonStatus, Preferences, UserId,
};
use litemap::LiteMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;

/// For each open conversation, the `rev` up to which its client has every change; 0 or below asks for the last page.
/// On the wire an object whose keys are conversation ids as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = std::collections::HashMap<String, i64>))]
pub struct OpenCursors(pub LiteMap<ConversationId, i64>);

// JSON keys are text; read by hand, because serde cannot turn them into numbers inside a tagged enum.
impl Serialize for OpenCursors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, cursor)| (id.to_string(), cursor)))
    }
}

impl<'de> Deserialize<'de> for OpenCursors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, i64>::deserialize(deserializer)?
            .into_iter()
            .map(|(id, cursor)| Ok((id.parse().map_err(de::Error::custom)?, cursor)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// The state of a client that wants to catch up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncRequest {
    /// The `user_rev` up to which the client has every change of its person; 0 for none.
    #[serde(default)]
    pub user_rev: i64,
    /// Whether the client wants the list of conversations.
    #[serde(default)]
    pub list: bool,
    /// The conversations that the client has open, with their cursors.
    #[serde(default)]
    pub open: OpenCursors,
}

/// Everything that a client is missing, read from one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncAnswer {
    /// The person's own counter in this snapshot, 0 or more.
    pub user_rev: i64,
    /// The person who asked.
    pub user: Person,
    /// The pinned conversations in their order, then the first ones of the list, newest activity first, at most
    /// [`crate::limits::LIST_PAGE`], and then those of the request that are open, archived or not; present when it was asked for or the person's counter moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Vec<Conversation>>,
    /// The place behind the first conversations of `list`, for `list`; absent if those are all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<ListPosition>,
    /// The number of unread messages in the conversations behind that place that are neither muted nor archived, 0 to
    /// [`crate::limits::UNREAD_CAP`]. One that is only marked as unread counts 1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unread_after: u32,
    /// The ids of the archived conversations with the newest activity, at most [`crate::limits::ARCHIVED_IDS`]; present with `list`,
    /// absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archived: Vec<ConversationId>,
    /// The changes of the requested conversations, of at most [`crate::limits::MAX_OPEN`] and of a few megabytes; for one that is
    /// neither here nor in `gone`, the client sends `changes`.
    #[serde(default)]
    pub open: Vec<Changes>,
    /// The requested conversations that this person is not, or no longer, a member of.
    #[serde(default)]
    pub gone: Vec<ConversationId>,
    /// The messages that the person hid or restored after the requested `user_rev`.
    #[serde(default)]
    pub hidden: Vec<Hidden>,
    /// The presence of the people in the person's small conversations, with the time at which those who are offline were
    /// last seen. Who is missing is offline and was never seen.
    #[serde(default)]
    pub presence: Vec<PersonStatus>,
    /// The people who are typing at this moment.
    #[serde(default)]
    pub typing: Vec<TypingNow>,
    /// The person's preferences; present when the list was asked for or the person's counter moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
    /// The newest notifications; present when `list` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notifications: Option<NotificationPage>,
    /// The person's invitations that wait for an answer, the newest first, at most [`crate::limits::MAX_INVITATIONS`];
    /// present together with `list`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitations: Option<Vec<Invitation>>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A message that a person deleted for themselves, or restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hidden {
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The hidden or restored message.
    pub message_id: MessageId,
    /// True when the message is hidden, false when it was restored.
    pub hidden: bool,
}

/// A person who is typing at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypingNow {
    /// The conversation that is typed in.
    pub conversation_id: ConversationId,
    /// The typing member.
    pub user_id: UserId,
    /// The member's username.
    pub username: String,
}

/// The changes of a conversation after a cursor, from one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Changes {
    /// The conversation that changed.
    pub conversation_id: ConversationId,
    /// The cursor of the request: the `rev` up to which the client had every change; 0 or below asked for the last page.
    pub after: i64,
    /// The messages with a `rev` above `after`, in the order of `rev`, at most [`crate::limits::CHANGES`] and
    /// of about half of [`crate::limits::MAX_ANSWER`], without those that the recipient has hidden.
    pub rows: Vec<Message>,
    /// All members with their receipts in small conversations, else those whose membership changed.
    pub members: Vec<Member>,
    /// The `rev` up to which `rows` holds every change, 0 or more: the next `after`.
    pub cursor: i64,
    /// Whether there are changes after `cursor`.
    pub more: bool,
    /// The newest messages, in place of `rows` and of everything that is loaded: set when `after` is 0 or below, or further
    /// behind than [`crate::limits::RESET_BEHIND`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Page>,
}

/// A stretch of history: all messages between its ends that the recipient may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page {
    /// The messages, oldest first, at most [`crate::limits::PAGE`].
    pub messages: Vec<Message>,
    /// The conversation's counter in the snapshot that the page was read from, 0 or more.
    pub as_of: i64,
    /// Whether there are no older messages.
    #[serde(default)]
    pub at_start: bool,
    /// Whether there were no newer messages in that snapshot.
    #[serde(default)]
    pub at_end: bool,
}

/// The side of a position on which a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The newest messages with a `seq` below this.
    Before(i64),
    /// The oldest messages with a `seq` above this.
    After(i64),
}

impl Side {
    /// The side that the two fields of a frame name; `None` if they name none or both.
    #[must_use]
    pub fn of(before: Option<i64>, after: Option<i64>) -> Option<Self> {
        match (before, after) {
            (Some(before), None) => Some(Self::Before(before)),
            (None, Some(after)) => Some(Self::After(after)),
            _ => None,
        }
    }

    /// The fields `before` and `after` of a frame.
    #[must_use]
    pub fn parts(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Before(before) => (Some(before), None),
            Self::After(after) => (None, Some(after)),
        }
    }
}
