//! The lines of a file, as JSON.

use super::event_record::EventRecord;
use super::subject_record::SubjectRecord;
use crate::store::{TransferConversation, TransferMember, TransferMessage, TransferPerson, TransferRow};
use protocol::{ClientId, ConversationKind, History, MessageType, Role, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::collections::BTreeMap;

/// A line.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Record {
    User(UserRecord),
    Conversation(ConversationRecord),
    Message(MessageRecord),
}

/// Line of an account.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserRecord {
    pub(super) username: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) first_name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) last_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hue: Option<u8>,
    /// The https URL of the shown picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) picture: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) suspended: bool,
    /// Whether a program writes by the account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) bot: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_moment")]
    pub(super) created_at: Option<Timestamp>,
}

/// A conversation. The lists and maps name members by their usernames.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationRecord {
    pub(super) key: String,
    /// `None`: direct for two people without a title, else a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<ConversationKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hue: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) emoji: Option<String>,
    /// The history that newcomers see.
    #[serde(default, skip_serializing_if = "History::is_whole")]
    pub(super) history: History,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_moment")]
    pub(super) created_at: Option<Timestamp>,
    pub(super) members: Vec<String>,
    /// People who were members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) former: Vec<String>,
    /// Without an owner among the members, the first one of them is the owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) owners: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) moderators: Vec<String>,
    /// The subject of a product that the conversation is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<SubjectRecord>,
    /// The role of each member in the subject.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) subject_roles: BTreeMap<String, String>,
    /// Members whose list does not show the conversation before its first message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unlisted: Vec<String>,
    /// Number of the conversation's messages before the member joined; 0 for others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) joined: BTreeMap<String, i64>,
    /// Number of the conversation's messages, from the first one on, that the member does not see; 0 for others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) unseen: BTreeMap<String, i64>,
    /// Number of the conversation's messages that were delivered; all for others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) delivered: BTreeMap<String, i64>,
    /// Number of the conversation's messages that the member has read; all for others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) read: BTreeMap<String, i64>,
}

/// Line of a message.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageRecord {
    /// The key of the conversation.
    pub(super) conversation: String,
    pub(super) sender: String,
    pub(super) client_id: ClientId,
    /// Empty only if the message is deleted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) content: String,
    #[serde(deserialize_with = "moment")]
    pub(super) timestamp: Timestamp,
    /// A system message about a change of the group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) system: bool,
    /// The change that a system message is about; `content` tells it in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<EventRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_moment")]
    pub(super) edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_moment")]
    pub(super) deleted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<ReplyRecord>,
}

/// The message that another one replies to.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyRecord {
    pub(super) sender: String,
    pub(super) client_id: ClientId,
}

/// Reads a time of RFC 3339 in any zone.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = Timestamp::parse(&text)
        .or_else(|| Some(Timestamp(text.parse::<jiff::Timestamp>().ok()?.as_microsecond())));
    parsed.ok_or_else(|| de::Error::custom(format!("\"{text}\" is no time such as 2026-01-31T12:00:00Z")))
}

fn optional_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    moment(deserializer).map(Some)
}

impl From<TransferRow> for Record {
    fn from(row: TransferRow) -> Self {
        match row {
            TransferRow::Person(person) => Self::User(person.into()),
            TransferRow::Conversation(conversation) => Self::Conversation(conversation.into()),
            TransferRow::Message(message) => Self::Message(message.into()),
        }
    }
}

impl From<TransferPerson> for UserRecord {
    fn from(person: TransferPerson) -> Self {
        let TransferPerson { username, first_name, last_name, hue, picture, suspended, bot, created_at } =
            person;
        Self { username, first_name, last_name, hue, picture, suspended, bot, created_at }
    }
}

impl From<TransferConversation> for ConversationRecord {
    fn from(conversation: TransferConversation) -> Self {
        let TransferConversation { key, kind, title, hue, emoji, history, created_at, members, subject } =
            conversation;
        let subject = subject.map(|subject| subject.subject.into());
        let mut record = Self {
            key,
            kind: Some(kind),
            title,
            hue,
            emoji,
            history,
            created_at,
            subject,
            ..Self::default()
        };
        for member in members {
            let TransferMember {
                username,
                role,
                left,
                listed,
                joined,
                unseen,
                read,
                delivered,
                subject_role,
            } = member;
            record.subject_roles.extend(subject_role.map(|role| (username.clone(), role)));
            match role {
                Role::Owner => record.owners.push(username.clone()),
                Role::Moderator => record.moderators.push(username.clone()),
                Role::Member => {}
            }
            if !listed {
                record.unlisted.push(username.clone());
            }
            for (positions, number) in [
                (&mut record.joined, Some(joined).filter(|number| *number > 0)),
                (&mut record.unseen, Some(unseen).filter(|number| *number > 0)),
                (&mut record.delivered, delivered),
                (&mut record.read, read),
            ] {
                positions.extend(number.map(|number| (username.clone(), number)));
            }
            if left { record.former.push(username) } else { record.members.push(username) }
        }
        record
    }
}

impl From<TransferMessage> for MessageRecord {
    fn from(message: TransferMessage) -> Self {
        Self {
            conversation: message.conversation,
            sender: message.sender,
            client_id: message.client_id,
            content: message.content,
            timestamp: message.timestamp,
            system: message.message_type == MessageType::System,
            event: message.event.map(EventRecord::from),
            edited_at: message.edited_at,
            deleted_at: message.deleted_at,
            reply_to: message.reply_to.map(|(sender, client_id)| ReplyRecord { sender, client_id }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_may_have_an_offset() {
        let of = |time: &str| {
            let line = format!(r#"{{"type":"user","username":"ana","created_at":"{time}"}}"#);
            match serde_json::from_str(&line) {
                Ok(Record::User(user)) => user.created_at.map(|at| at.to_string()),
                _ => None,
            }
        };
        let noon = Some("2026-01-31T12:00:00.250000Z".to_owned());
        assert_eq!(of("2026-01-31T12:00:00.25Z"), noon);
        assert_eq!(of("2026-01-31T13:00:00.250000+01:00"), noon);
        assert_eq!(of("2026-01-31T13:00:00"), None);
        assert_eq!(of("yesterday"), None);
    }

    #[test]
    fn unknown_types_and_fields_are_refused() {
        for (line, why) in [
            (r#"{"type":"room","key":"a"}"#, "unknown variant `room`"),
            (r#"{"username":"ana"}"#, "missing field `type`"),
            (r#"{"type":"user","username":"ana","fist_name":"Ana"}"#, "unknown field `fist_name`"),
            (r#"{"type":"user"}"#, "missing field `username`"),
        ] {
            let error = serde_json::from_str::<Record>(line).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
