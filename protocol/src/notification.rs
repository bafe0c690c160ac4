//! Notifications of a person: what happened that concerns them, and where.

use crate::{ConversationId, MessageId, Person, Role, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// The kind of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A direct conversation has unread messages; one notification per conversation, of the newest of them.
    Direct,
    /// A message of a group contains `@` and the person's username.
    Mention,
    /// The person was added to a group.
    Added,
    /// The person became a moderator or owner of a group.
    Role,
}

/// The key of a notification, by which the list is ordered. On the wire a text for the server to read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotificationId {
    /// The time of the notification.
    pub created_at: Timestamp,
    /// The conversation that it leads to.
    pub conversation_id: ConversationId,
    /// The `seq` of the message that it leads to.
    pub seq: i64,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for NotificationId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        String::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for NotificationId {}

/// Three numbers: microseconds since 1970, the conversation, the `seq`.
impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.created_at.0, self.conversation_id, self.seq)
    }
}

/// Error of reading a [`NotificationId`]: the text is not that of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidNotificationId;

impl fmt::Display for InvalidNotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the id of a notification")
    }
}

impl FromStr for NotificationId {
    type Err = InvalidNotificationId;

    fn from_str(text: &str) -> Result<Self, InvalidNotificationId> {
        let mut numbers = text.splitn(3, '.').map(|number| number.parse().map_err(|_| InvalidNotificationId));
        let mut next = || numbers.next().unwrap_or(Err(InvalidNotificationId));
        let (created_at, conversation_id) = (Timestamp(next()?), ConversationId(next()?));
        Ok(Self { created_at, conversation_id, seq: next()? })
    }
}

impl Serialize for NotificationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NotificationId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A notification of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    /// The key, a text: as `cursor` it asks for the notifications before this one.
    pub id: NotificationId,
    /// What happened.
    pub kind: NotificationKind,
    /// The conversation that the notification leads to.
    pub conversation_id: ConversationId,
    /// The `seq` of the message that it leads to, 1 or more.
    pub seq: i64,
    /// The message that it leads to: one of a person, or the system's about the change of membership.
    pub message_id: MessageId,
    /// The title of the conversation; absent if it has none, as a direct one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The person who wrote the message or made the change.
    pub actor: Person,
    /// The role that the person has got; absent with other kinds than `role`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The beginning of the message in one line, at most [`crate::limits::PREVIEW`] Unicode scalar values; empty for `added` and
    /// `role`.
    #[serde(default)]
    pub preview: String,
    /// The time of the message or change.
    pub created_at: Timestamp,
    /// Whether the person has read the message, or marked the notification as read.
    #[serde(default)]
    pub read: bool,
}

/// The beginning of a text in one line, for the `preview` of a notification.
#[must_use]
pub fn preview(text: &str) -> String {
    let mut preview = String::new();
    let mut left = crate::limits::PREVIEW;
    for (at, word) in text.split_whitespace().enumerate() {
        if at > 0 && left > 0 {
            preview.push(' ');
            left -= 1;
        }
        for c in word.chars() {
            if left == 0 {
                preview.pop();
                preview.push('…');
                return preview;
            }
            preview.push(c);
            left -= 1;
        }
    }
    preview
}

/// `notifications`: a page of the recipient's notifications, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationPage {
    /// The recipient's own counter in the snapshot that the page was read from, 0 or more.
    pub user_rev: i64,
    /// The `cursor` of the request, before which the page begins; absent for the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<NotificationId>,
    /// The notifications, newest first, at most [`crate::limits::NOTIFICATIONS`].
    pub notifications: Vec<Notification>,
    /// The number of all unread notifications, 0 to [`crate::limits::UNREAD_CAP`].
    #[serde(default)]
    pub unread: u32,
    /// The `cursor` of the next page; absent if there are no older notifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NotificationId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n1_an_id_survives_its_text_and_other_texts_are_refused() {
        let id = NotificationId {
            created_at: Timestamp(1_767_225_600_000_001),
            conversation_id: ConversationId(7),
            seq: 31,
        };
        assert_eq!(id.to_string(), "1767225600000001.7.31");
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "1", "1.2", "1.2.", "1.2.x", "1.2.3.4", " 1.2.3", "99999999999999999999.1.1"] {
            assert_eq!(text.parse::<NotificationId>(), Err(InvalidNotificationId), "{text:?}");
        }
    }

    #[test]
    fn n1_a_preview_is_one_line_of_bounded_length() {
        assert_eq!(preview(" Hello\n\n\tworld  "), "Hello world");
        assert_eq!(preview(""), "");
        let long = "é".repeat(crate::limits::PREVIEW);
        assert_eq!(preview(&long), long);
        let cut = preview(&format!("{long}x"));
        assert_eq!(cut.chars().count(), crate::limits::PREVIEW);
        assert!(cut.ends_with('…'));
        let words = preview(&"a ".repeat(200));
        assert!(words.chars().count() <= crate::limits::PREVIEW && words.ends_with('…'), "{words:?}");
    }
}
