//! What travels inside frames: people, messages, members, conversations.

use crate::{ClientId, ConversationId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Somebody, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// Their account.
    pub id: UserId,
    /// Unique, compared without case.
    pub username: String,
    /// May be empty.
    #[serde(default)]
    pub first_name: String,
    /// May be empty.
    #[serde(default)]
    pub last_name: String,
    /// The colour of their picture, 0 to 7; none: by the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hue: Option<u8>,
}

impl Person {
    /// What the colour of their picture is made from: the one they chose, else their id.
    #[must_use]
    pub fn face(&self) -> i64 {
        self.hue.map_or(self.id.0, i64::from)
    }

    /// First and last name, or the username where there is none.
    #[must_use]
    pub fn display_name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        match name.trim() {
            "" => self.username.clone(),
            name => name.to_owned(),
        }
    }
}

/// How a person wants to be shown things, on all devices. Each is `auto` (as the device has it) or a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// `auto`, `light`, `dark`.
    pub theme: String,
    /// `auto`, `en`, `de`, `ar`.
    pub language: String,
    /// `auto`, or a name of the IANA's such as `Europe/Berlin`.
    pub time_zone: String,
}

impl Default for Preferences {
    fn default() -> Self {
        let auto = || "auto".to_owned();
        Self { theme: auto(), language: auto(), time_zone: auto() }
    }
}

/// A browser or a program that is signed in as somebody, as that person is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// What it is ended by; good for nothing else.
    pub id: String,
    /// What it was made on, such as "Firefox on Linux"; empty where that is not known.
    pub device: String,
    /// When it was made.
    pub began_at: Timestamp,
    /// When it was last used, to the day.
    pub used_at: Timestamp,
    /// It is the one that asks.
    pub own: bool,
}

/// Who wrote it: a person, or the system about a change of membership.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// Written by its sender.
    #[default]
    Text,
    /// Says that its sender changed the membership, in `content`.
    System,
}

/// A message as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Its id; no order.
    pub id: MessageId,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// Its place, for ever.
    pub seq: i64,
    /// The conversation's counter at its last change.
    pub rev: i64,
    /// What its sender's side called it.
    pub client_id: ClientId,
    /// Who sent it.
    pub sender: Person,
    /// Plain text; empty once deleted for everyone.
    pub content: String,
    /// Text or system.
    #[serde(default)]
    pub message_type: MessageType,
    /// When the server took it.
    pub timestamp: Timestamp,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// When it was deleted for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The message it answers, of the same conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

/// How far a message is with somebody who was there when it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageReceipt {
    /// Who.
    pub user: Person,
    /// It is on one of their devices.
    pub delivered: bool,
    /// They saw it.
    pub read: bool,
    /// Since when it is there; kept for thirty days, in small conversations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// When they saw it; likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Talks.
    #[default]
    Member,
    /// Removes others' messages and members.
    Moderator,
    /// Founded it.
    Owner,
}

/// A person in a conversation, and how far they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// Who.
    pub user: Person,
    /// What they may do.
    pub role: Role,
    /// The conversation's counter at the last change of this membership (0: there from the founding).
    pub rev: i64,
    /// The counter when they came.
    pub joined_seq: i64,
    /// Read up to here. Only grows.
    pub read_seq: i64,
    /// On one of their devices up to here. Only grows.
    pub delivered_seq: i64,
    /// No longer there (a tombstone, so that old messages keep their names).
    #[serde(default)]
    pub left: bool,
}

/// Two people's one conversation, or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// The one of two people.
    Direct,
    /// Named, or of more than two.
    Group,
}

/// A conversation as its asker sees it: what the list shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Direct or group.
    pub kind: ConversationKind,
    /// A group's title, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The conversation's counter: the value of its last change.
    pub rev: i64,
    /// Members, those who left included; at most [`crate::limits::SMALL_CONVERSATION`] in a list.
    pub members: Vec<Member>,
    /// How many are there now.
    pub member_count: i64,
    /// The newest message that the asker may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// Others' messages that the asker has not read, up to [`crate::limits::UNREAD_CAP`].
    pub unread: u32,
    /// The asker's own read position.
    pub read_seq: i64,
    /// When it was founded.
    pub created_at: Timestamp,
}

impl Conversation {
    /// What to call it, for this person: its title, or the names of the others.
    #[must_use]
    pub fn name_for(&self, me: UserId) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        let others: Vec<_> = self
            .members
            .iter()
            .filter(|member| member.user.id != me && (!member.left || self.kind == ConversationKind::Direct))
            .map(|member| member.user.display_name())
            .collect();
        if others.is_empty() { "Only you".to_owned() } else { others.join(", ") }
    }

    /// When something last happened here: what the list is sorted by.
    #[must_use]
    pub fn last_activity(&self) -> Timestamp {
        self.last_message.as_ref().map_or(self.created_at, |message| message.timestamp)
    }
}

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A tab is open and used.
    Online,
    /// A tab is open and not used.
    Away,
    /// No tab.
    #[default]
    Offline,
}

/// Somebody's presence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonStatus {
    /// Who.
    pub user_id: UserId,
    /// Their name, for clients that keep no list of people.
    pub username: String,
    /// Are they there.
    pub status: Status,
    /// When they were last there, once offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}
