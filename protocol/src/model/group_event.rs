//! Changes of a group, which its system messages are about.

use super::{Person, Role, Subject};
use serde::{Deserialize, Serialize};

/// The kind of a change of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupEventKind {
    /// The sender added `members`.
    Added,
    /// The sender joined by an invitation; `members` has the person who made it, if that is known.
    Joined,
    /// The sender left.
    Left,
    /// The sender removed `members`.
    Removed,
    /// The sender set the title to `title`, or removed it.
    Renamed,
    /// The sender changed the picture to `hue` and `emoji`.
    PictureChanged,
    /// The sender gave `members` the role `role`.
    RoleChanged,
    /// The sender changed the history that newcomers see to `history`.
    HistoryChanged,
    /// The product changed the description of the conversation's `subject`. The sender is the first member, as with the next two.
    SubjectUpdated,
    /// The product, a moderator, or with `by_sender` the sender, closed the conversation or gave another reason; `subject` has it. A
    /// moderator is in `members`, and the `role` is `moderator`.
    Closed,
    /// The product, a moderator, or with `by_sender` the sender, opened the conversation again.
    Reopened,
    /// A change that this version does not know; the message's `content` says what happened.
    #[serde(other)]
    Other,
}

/// The part of a group's history that people who are added or join see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// All messages.
    #[default]
    Whole,
    /// The messages from their joining on. It counts for those who join while it is set.
    FromJoining,
}

impl History {
    /// Whether it is [`History::Whole`].
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// A change of a group. The message's sender made it; the message's `rev` is the group's counter after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupEvent {
    /// The kind of the change, which tells which of the other fields belong to it.
    pub kind: GroupEventKind,
    /// The people whom the change concerns besides the sender, as of then; of many, the first
    /// [`crate::limits::SMALL_CONVERSATION`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Person>,
    /// The number of people whom the change concerns and who are not in `members`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub others: u32,
    /// The new title of a `renamed` group, 1 to 120 Unicode scalar values; absent if the title was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The new role of `members`; `moderator` if a moderator closed or reopened the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The colour of the new picture, 0 to 7; absent: it follows from the group's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hue: Option<u8>,
    /// The emoji of the new picture; absent: it shows letters of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// The history that newcomers see from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// The subject after a change of it, after the closing or the reopening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Box<Subject>>,
    /// Whether the sender closed or reopened the conversation; `false`: the product did, or the kind is another one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_sender: bool,
}

impl GroupEvent {
    /// An event of this kind, about nobody.
    #[must_use]
    pub fn new(kind: GroupEventKind) -> Self {
        Self {
            kind,
            members: Vec::new(),
            others: 0,
            title: None,
            role: None,
            hue: None,
            emoji: None,
            history: None,
            subject: None,
            by_sender: false,
        }
    }

    /// An event of this kind about these people.
    #[must_use]
    pub fn about(kind: GroupEventKind, mut people: Vec<Person>) -> Self {
        let others = people.len().saturating_sub(crate::limits::SMALL_CONVERSATION);
        people.truncate(crate::limits::SMALL_CONVERSATION);
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        Self { members: people, others, ..Self::new(kind) }
    }

    /// The moderator who closed or reopened the conversation; `None` if it was somebody else, or is another change.
    #[must_use]
    pub fn moderator(&self) -> Option<&Person> {
        let by_moderator = matches!(self.kind, GroupEventKind::Closed | GroupEventKind::Reopened)
            && self.role == Some(Role::Moderator);
        self.members.first().filter(|_| by_moderator)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}
