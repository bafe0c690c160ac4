//! Pages of a person's list of conversations.

use crate::{Conversation, ConversationId, Timestamp};
use serde::{Deserialize, Serialize};

/// A part of a person's conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ListFilter {
    /// The conversations of the list that have unread messages or are marked as unread.
    Unread,
    /// The conversations of the archive.
    Archived,
    /// The conversations of the list whose subject is open.
    Open,
    /// The conversations of the list whose subject is closed.
    Closed,
}

impl ListFilter {
    /// The name in a frame and in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Archived => "archived",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    /// The filter of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Unread, Self::Archived, Self::Open, Self::Closed]
            .into_iter()
            .find(|filter| filter.name() == name)
    }

    /// Whether this conversation is in the part.
    #[must_use]
    pub fn contains(self, conversation: &Conversation) -> bool {
        match self {
            Self::Unread => !conversation.archived && conversation.is_unread(),
            Self::Archived => conversation.archived,
            Self::Open => {
                !conversation.archived && conversation.subject.is_some() && conversation.closed().is_none()
            }
            Self::Closed => !conversation.archived && conversation.closed().is_some(),
        }
    }
}

/// A part of a person's conversations that a client shows. The default is the list: all that are not archived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPart {
    /// The part by state.
    pub filter: Option<ListFilter>,
    /// The kind of the subjects that the conversations are about.
    pub subject_kind: Option<String>,
}

impl ListPart {
    /// Whether it is the list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.filter.is_none() && self.subject_kind.is_none()
    }

    /// Whether this conversation is about a subject of the kind, if there is one.
    #[must_use]
    pub fn is_of_kind(&self, conversation: &Conversation) -> bool {
        let kind = conversation.subject.as_ref().map(|subject| &subject.kind);
        self.subject_kind.is_none() || kind == self.subject_kind.as_ref()
    }

    /// Whether this conversation is in the part.
    #[must_use]
    pub fn contains(&self, conversation: &Conversation) -> bool {
        let is_in_state = match self.filter {
            None => !conversation.archived,
            Some(filter) => filter.contains(conversation),
        };
        is_in_state && self.is_of_kind(conversation)
    }
}

/// A place in a list of conversations, behind the last one of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListPosition {
    /// The time as of which the list is ordered: that of the first page.
    pub as_of: Timestamp,
    /// The activity of that conversation at that time: the latest time of a message, else of the creation.
    pub active_at: Timestamp,
    /// That conversation.
    pub id: ConversationId,
}

impl ListPosition {
    /// Whether a conversation with this activity is before this place.
    #[must_use]
    pub fn is_after(&self, active_at: Timestamp, id: ConversationId) -> bool {
        (active_at, id) >= (self.active_at, self.id)
    }
}

/// The text of a position in an address: the three numbers, for the server to read again.
impl std::fmt::Display for ListPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.as_of.0, self.active_at.0, self.id)
    }
}

/// Error of reading a [`ListPosition`]: the text is not that of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPosition;

impl std::str::FromStr for ListPosition {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let mut numbers = text.splitn(3, '.').map(|number| number.parse().map_err(|_| InvalidPosition));
        let mut next = || numbers.next().unwrap_or(Err(InvalidPosition));
        Ok(Self { as_of: Timestamp(next()?), active_at: Timestamp(next()?), id: ConversationId(next()?) })
    }
}

/// `list`: a page of the recipient's list of conversations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListPage {
    /// The recipient's own counter in the snapshot that the page was read from, 0 or more.
    pub user_rev: i64,
    /// The part of the conversations that the request named; absent: the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<ListFilter>,
    /// The kind of subjects that the request named; absent: all conversations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_kind: Option<String>,
    /// The place of the request, behind which the page begins; absent: it is the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ListPosition>,
    /// The conversations, newest activity at the time of the first page first, at most [`crate::limits::LIST_PAGE`]. On the first
    /// page of the list the pinned ones come before them, in their own order.
    pub conversations: Vec<Conversation>,
    /// The place behind the page; absent if the list ends with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<ListPosition>,
    /// The number of unread messages in the conversations of the list behind the page, without the muted ones, 0 to
    /// [`crate::limits::UNREAD_CAP`]; 0 with a filter or a kind.
    #[serde(default)]
    pub unread_after: u32,
}
