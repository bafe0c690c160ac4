//! Catching up: one call serves page, socket and poll.

use crate::{
    Conversation, ConversationId, Member, Message, MessageId, Person, PersonStatus, ServerFrame, UserId,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use uuid::Uuid;

/// For each open conversation, the counter up to which its client has everything; 0 or below asks for the last page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = std::collections::HashMap<String, i64>))]
pub struct OpenCursors(pub BTreeMap<ConversationId, i64>);

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

/// Where a client stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncRequest {
    /// The last `user_rev` it knows; 0 for none.
    #[serde(default)]
    pub user_rev: i64,
    /// Whether it wants the list of conversations.
    #[serde(default)]
    pub list: bool,
    /// The conversations it has open.
    #[serde(default)]
    pub open: OpenCursors,
}

/// What the client is missing, read from one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncAnswer {
    /// The person's own counter in this snapshot.
    pub user_rev: i64,
    /// Who is asking.
    pub user: Person,
    /// The list, newest first, when it was asked for or something of the person's own changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Vec<Conversation>>,
    /// What the asked-for conversations changed since.
    #[serde(default)]
    pub open: Vec<Changes>,
    /// Asked-for conversations that are not (or no longer) there for this person.
    #[serde(default)]
    pub gone: Vec<ConversationId>,
    /// Messages hidden or shown again since the asked-for `user_rev`.
    #[serde(default)]
    pub hidden: Vec<Hidden>,
    /// Presence of the people in one's small conversations, and when those who are offline were last there; who is
    /// missing is offline and never was.
    #[serde(default)]
    pub presence: Vec<PersonStatus>,
    /// Who is typing, where.
    #[serde(default)]
    pub typing: Vec<TypingNow>,
}

/// A message that a person hid from themselves (or shows again).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hidden {
    /// Where.
    pub conversation_id: ConversationId,
    /// Which.
    pub message_id: MessageId,
    /// False: shown again.
    pub hidden: bool,
}

/// Somebody typing at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypingNow {
    /// Where.
    pub conversation_id: ConversationId,
    /// Who.
    pub user_id: UserId,
    /// Their username.
    pub username: String,
}

/// What changed in a conversation after a cursor, from one snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Changes {
    /// Where.
    pub conversation_id: ConversationId,
    /// The cursor that was asked from.
    pub after: i64,
    /// Messages whose `rev` is past `after`, in the order of `rev`, without those that the asker has hidden.
    pub rows: Vec<Message>,
    /// All members with their receipts as they are now (small conversations), or only those that changed.
    pub members: Vec<Member>,
    /// Everything up to here is in `rows`.
    pub cursor: i64,
    /// There is more after `cursor`.
    pub more: bool,
    /// Too far behind (or nothing known yet): forget what is loaded, take this page instead of `rows`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Page>,
}

/// A stretch of history: all messages that the asker may see between its ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// The conversation's counter in the snapshot that this was read from.
    pub as_of: i64,
    /// Nothing older is to be had.
    #[serde(default)]
    pub at_start: bool,
    /// Nothing newer was to be had in that snapshot.
    #[serde(default)]
    pub at_end: bool,
}

/// On which side of a place in a conversation a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The newest messages with a `seq` below this.
    Before(i64),
    /// The oldest messages with a `seq` above this.
    After(i64),
}

impl Side {
    /// As frames say it; `None` where they name no side, or both.
    #[must_use]
    pub fn of(before: Option<i64>, after: Option<i64>) -> Option<Self> {
        match (before, after) {
            (Some(before), None) => Some(Self::Before(before)),
            (None, Some(after)) => Some(Self::After(after)),
            _ => None,
        }
    }

    /// `before` and `after`, as frames say it.
    #[must_use]
    pub fn parts(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Before(before) => (Some(before), None),
            Self::After(after) => (None, Some(after)),
        }
    }
}

/// A held request for frames: what a socket would have brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PollRequest {
    /// The server's mailbox for this browser, once there is one.
    pub mailbox: Option<Uuid>,
    /// The number of the last batch that arrived from it. Another number than the server's starts anew.
    pub batch: u64,
    /// Hold the request until there is news (else answer at once).
    pub wait: bool,
    /// Where the client stands: answered first when the mailbox is new.
    pub sync: SyncRequest,
}

/// Frames for the reducer, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PollAnswer {
    /// The mailbox to ask again.
    pub mailbox: Uuid,
    /// The number of this batch.
    pub batch: u64,
    /// What a socket would have brought.
    pub frames: Vec<ServerFrame>,
}
