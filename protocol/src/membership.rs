//! The state of a conversation for one of its members alone: muting, archiving, pinning, the unread mark and the draft.

use crate::{Conversation, ConversationId, NotificationLevel, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

/// The personal state of a member: no other member sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonalState {
    /// The end of the muting; `None` if it was never muted. A time that has passed is none, too.
    pub muted_until: Option<Timestamp>,
    /// Whether the conversation is in the archive rather than in the list.
    pub archived: bool,
    /// The place among the pinned conversations, from 1; `None` if it is not pinned.
    pub pinned: Option<u32>,
    /// Whether the member marked the conversation as unread.
    pub marked_unread: bool,
    /// The text that was typed and not sent, 1 to 5,000 Unicode scalar values.
    pub draft: Option<String>,
    /// The messages that the member is notified of.
    pub notify: NotificationLevel,
}

/// A change of the personal state. Absent fields stay as they are; `null` removes a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MembershipChange {
    /// The time until which the conversation is muted, in the future; `9999-12-31T23:59:59Z` for no end; `null`: it is not
    /// muted any more.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub muted_until: Option<Option<Timestamp>>,
    /// Whether the conversation is in the archive. One that is put there is not pinned any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// The new place among the pinned conversations, from 1; the others move. Beyond the last one it becomes the last one;
    /// `null` unpins. A conversation that is pinned leaves the archive.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_u64))]
    pub pinned: Option<Option<u32>>,
    /// Whether the conversation is marked as unread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<bool>,
    /// The text that was typed and not sent, at most 5,000 Unicode scalar values; `null`, or white space alone, removes it.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub draft: Option<Option<String>>,
    /// The messages to notify of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<NotificationLevel>,
}

/// Reads a field whose `null` differs from its absence.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// `membership_updated`: the recipient's personal state of a conversation changed. It holds the whole state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MembershipUpdated {
    /// The conversation whose state changed.
    pub conversation_id: ConversationId,
    /// The recipient's own counter after this change, 1 or more.
    pub user_rev: i64,
    /// The end of the muting; absent if the conversation is not muted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Timestamp>,
    /// Whether the conversation is in the archive rather than in the list.
    pub archived: bool,
    /// The place among the pinned conversations, from 1; absent if it is not pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<u32>,
    /// Whether the recipient marked the conversation as unread.
    pub marked_unread: bool,
    /// The text that was typed and not sent; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// The messages that the recipient is notified of; absent if the preferences say it.
    #[serde(default, skip_serializing_if = "NotificationLevel::is_default")]
    pub notify: NotificationLevel,
}

impl MembershipUpdated {
    /// The frame of a state after a change.
    #[must_use]
    pub fn new(conversation_id: ConversationId, user_rev: i64, state: PersonalState) -> Self {
        let PersonalState { muted_until, archived, pinned, marked_unread, draft, notify } = state;
        Self { conversation_id, user_rev, muted_until, archived, pinned, marked_unread, draft, notify }
    }

    /// The state that it tells of.
    #[must_use]
    pub fn into_state(self) -> PersonalState {
        let Self { muted_until, archived, pinned, marked_unread, draft, notify, .. } = self;
        PersonalState { muted_until, archived, pinned, marked_unread, draft, notify }
    }
}

impl Conversation {
    /// The recipient's personal state.
    #[must_use]
    pub fn personal(&self) -> PersonalState {
        PersonalState {
            muted_until: self.muted_until,
            archived: self.archived,
            pinned: self.pinned,
            marked_unread: self.marked_unread,
            draft: self.draft.clone(),
            notify: self.notify,
        }
    }

    /// Replaces the recipient's personal state.
    pub fn set_personal(&mut self, state: PersonalState) {
        let PersonalState { muted_until, archived, pinned, marked_unread, draft, notify } = state;
        self.notify = notify;
        (self.muted_until, self.archived, self.pinned) = (muted_until, archived, pinned);
        (self.marked_unread, self.draft) = (marked_unread, draft);
    }

    /// Whether the recipient has muted the conversation at this time.
    #[must_use]
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.muted_until.is_some_and(|until| until > now)
    }

    /// Whether it has unread messages, or is marked as unread.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.unread > 0 || self.marked_unread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_null_removes_and_absence_keeps() {
        let read = |text: &str| serde_json::from_str::<MembershipChange>(text);
        assert_eq!(read("{}").ok(), Some(MembershipChange::default()));
        let removed = MembershipChange {
            muted_until: Some(None),
            pinned: Some(None),
            draft: Some(None),
            ..MembershipChange::default()
        };
        let text = r#"{"muted_until":null,"pinned":null,"draft":null}"#;
        assert_eq!(read(text).ok().as_ref(), Some(&removed));
        assert_eq!(serde_json::to_string(&removed).ok().as_deref(), Some(text));
        for wrong in [r#"{"pinned":-1}"#, r#"{"pinned":"1"}"#, r#"{"muted_until":5}"#, r#"{"draft":1}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
