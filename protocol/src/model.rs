//! The types inside frames: people, messages, members, conversations.

mod group_event;
mod subject;

pub use group_event::{GroupEvent, GroupEventKind, History};
pub use subject::{ClosedBy, Subject, SubjectField};

use crate::{ClientId, ConversationId, MessageId, NotificationLevel, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// A person as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// The id of the account.
    pub id: UserId,
    /// The unique name, 3 to 32 characters; compared without case.
    pub username: String,
    /// The first name; may be empty.
    #[serde(default)]
    pub first_name: String,
    /// The last name; may be empty.
    #[serde(default)]
    pub last_name: String,
    /// The chosen colour of the picture, 0 to 7; absent: the colour follows from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hue: Option<u8>,
    /// Whether the account is suspended: the person can neither sign in nor receive direct messages. Absent if it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// Whether a program writes by the account, as by an incoming webhook, and nobody reads by it. Absent if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
    /// The shown name, folded so that names that look alike are equal (UTS 39 skeleton and case folding). Absent if that
    /// is the shown name in ASCII lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_key: Option<String>,
    /// The https URL of the picture that the person's product gave by single sign-on, at most 2,048 characters, of an origin that
    /// the configuration of the product allows; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

impl Person {
    /// The folded name: equal for people whose shown names look alike.
    #[must_use]
    pub fn name_key(&self) -> String {
        self.name_key.clone().unwrap_or_else(|| self.display_name().to_ascii_lowercase())
    }

    /// The shown name with the username behind it, for a person whose name is like another's. The username is isolated,
    /// so that it stays in order beside a name of either direction.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} \u{2066}@{}\u{2069}", self.display_name(), self.username)
    }

    /// The number that the colour of the picture is made from: the chosen one, else the id.
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

/// A sign-in of a person: a browser or a program that acts as them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// The id to end the sign-in by; it is not a credential.
    pub id: String,
    /// The device, such as "Firefox on Linux"; empty if unknown.
    pub device: String,
    /// The time of the sign-in.
    pub began_at: Timestamp,
    /// The time of the last use: of a browser to within five minutes, of a program when its tokens were made.
    pub used_at: Timestamp,
    /// The client's address at the sign-in; empty if unknown.
    pub address: String,
    /// Whether it is the sign-in of the request itself.
    pub own: bool,
}

/// The kind of a message: written by a person, or by the system about a change of the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// Written by its sender.
    #[default]
    Text,
    /// Says in `event`, and in English in `content`, how its sender changed the group.
    System,
}

/// A message in its current state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// The id of the message. Ids are unordered; `seq` is the order.
    pub id: MessageId,
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The position in the conversation, 1 or more: the conversation's counter when the message was sent. Never changes.
    pub seq: i64,
    /// The conversation's counter at the last change of the message, at least `seq`.
    pub rev: i64,
    /// The id that the sender's client gave the message.
    pub client_id: ClientId,
    /// The person who sent the message.
    pub sender: Person,
    /// The plain text, 1 to 5,000 Unicode scalar values; empty once deleted for everyone.
    pub content: String,
    /// Whether a person or the system wrote it.
    #[serde(default)]
    pub message_type: MessageType,
    /// The time at which the server stored the message.
    pub timestamp: Timestamp,
    /// The time of the last edit; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// The time at which the message was deleted for everyone; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The message that this one answers, of the same conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    /// The change of the group that a system message is about; absent with texts, and with system messages of servers that
    /// stored the `content` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Box<GroupEvent>>,
}

/// Receipt of a message for a person who was a member when it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageReceipt {
    /// The recipient.
    pub user: Person,
    /// Whether the message is on one of the recipient's devices.
    pub delivered: bool,
    /// Whether the recipient read the message.
    pub read: bool,
    /// The time of delivery; kept for thirty days, in small conversations only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// The time of reading; kept for thirty days, in small conversations only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

/// The role of a member, from the fewest permissions to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May read and write.
    #[default]
    Member,
    /// May also add and remove members, change the title and the picture, and delete messages of others.
    Moderator,
    /// May do everything. A group has one owner or more; the first is who created it.
    Owner,
}

/// A person's membership of a conversation, with their receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The member.
    pub user: Person,
    /// The permissions of the member.
    pub role: Role,
    /// The conversation's counter at the last change of this membership; 0 for a member from the beginning.
    pub rev: i64,
    /// The conversation's counter when the person joined, 0 or more; earlier messages were not sent to them.
    pub joined_seq: i64,
    /// The `seq` up to which the member read, 0 or more. Only grows.
    pub read_seq: i64,
    /// The `seq` up to which messages are on one of the member's devices, 0 or more. Only grows.
    pub delivered_seq: i64,
    /// Whether the member has left. The entry stays, so that old messages keep their names.
    #[serde(default)]
    pub left: bool,
    /// The role of the member in the subject of the conversation, 1 to 40 characters, such as `seller`; absent without a subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_role: Option<String>,
}

/// The kind of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Between two people; each pair has one.
    Direct,
    /// With a title, or with more than two people.
    Group,
}

/// A conversation as the recipient sees it: an entry of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// The id of the conversation.
    pub id: ConversationId,
    /// Whether it is between two people or a group.
    pub kind: ConversationKind,
    /// The title of a group, 1 to 120 Unicode scalar values; absent if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The conversation's counter: the number of its changes so far, 0 or more.
    pub rev: i64,
    /// The members, including those who left; at most [`crate::limits::SMALL_CONVERSATION`] in a list.
    pub members: Vec<Member>,
    /// The number of members who have not left.
    pub member_count: i64,
    /// The newest message that the recipient may see; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// The number of messages of others that the recipient has not read, 0 to [`crate::limits::UNREAD_CAP`].
    pub unread: u32,
    /// The `seq` up to which the recipient read, 0 or more.
    pub read_seq: i64,
    /// The time at which the conversation was created.
    pub created_at: Timestamp,
    /// The time until which the recipient muted the conversation; absent if it is not muted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Timestamp>,
    /// Whether the recipient put the conversation into the archive, out of the list. Absent if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// The place among the conversations that the recipient pinned, from 1; absent if it is not pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<u32>,
    /// Whether the recipient marked the conversation as unread. Absent if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked_unread: bool,
    /// The text that the recipient typed and did not send; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// The chosen colour of a group's picture, 0 to 7; absent: the colour follows from the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hue: Option<u8>,
    /// The emoji of a group's picture, one grapheme; absent: it shows letters of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// The part of the history that newcomers see; absent: all of it.
    #[serde(default, skip_serializing_if = "History::is_whole")]
    pub history: History,
    /// The messages that the recipient is notified of; absent if the preferences say it.
    #[serde(default, skip_serializing_if = "NotificationLevel::is_default")]
    pub notify: NotificationLevel,
    /// The subject of the product that the conversation is about, and whether it is closed; absent if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Box<Subject>>,
}

impl Conversation {
    /// The reason why nobody can write; `None` while the conversation is open.
    #[must_use]
    pub fn closed(&self) -> Option<&str> {
        self.subject.as_ref()?.closed.as_deref()
    }

    /// Whether this person is owner or moderator of the group, and its settings are not a product's.
    #[must_use]
    pub fn is_managed_by(&self, person: UserId) -> bool {
        let is_in_charge = |member: &Member| member.user.id == person && member.role > Role::Member;
        let is_own = self.kind == ConversationKind::Group && self.subject.is_none();
        is_own && self.members.iter().any(is_in_charge)
    }

    /// The name to show this person: the title, or the names of the other members.
    #[must_use]
    pub fn name_for(&self, me: UserId) -> String {
        self.name_by(me, Person::display_name)
    }

    /// As [`Self::name_for`], with the names of members by this function.
    #[must_use]
    pub fn name_by(&self, me: UserId, name: impl Fn(&Person) -> String) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        let others: Vec<_> = self
            .members
            .iter()
            .filter(|member| member.user.id != me && (!member.left || self.kind == ConversationKind::Direct))
            .map(|member| name(&member.user))
            .collect();
        if others.is_empty() { "Only you".to_owned() } else { others.join(", ") }
    }

    /// The time of the newest message, else of the creation: the sort key of the list.
    #[must_use]
    pub fn last_activity(&self) -> Timestamp {
        self.last_message.as_ref().map_or(self.created_at, |message| message.timestamp)
    }
}

/// Whether a person is using a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Connected, and using at least one client.
    Online,
    /// Connected, and using none of the clients.
    Away,
    /// Not connected.
    #[default]
    Offline,
}

/// The presence of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonStatus {
    /// The id of the person.
    pub user_id: UserId,
    /// The person's username, for clients that keep no list of people.
    pub username: String,
    /// The current status.
    pub status: Status,
    /// The time at which the person was last connected; absent unless offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}
