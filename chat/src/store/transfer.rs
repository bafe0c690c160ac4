//! Storage of imports and exports: people, conversations and messages without the ids of this database.

use crate::Result;
use async_trait::async_trait;
use protocol::{
    ClientId, ConversationId, ConversationKind, ErrorBody, GroupEvent, History, MessageType, Role, Subject,
    Timestamp,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Account of a person, as it is imported and exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferPerson {
    /// Username, validated.
    pub username: String,
    /// First name, validated; may be empty.
    pub first_name: String,
    /// Last name, validated; may be empty.
    pub last_name: String,
    /// The colour of the picture, 0 to 7; `None`: derived from the id.
    pub hue: Option<u8>,
    /// The https URL of the shown picture, validated.
    pub picture: Option<String>,
    /// Whether the account is suspended.
    pub suspended: bool,
    /// Whether a program writes by the account.
    pub bot: bool,
    /// The time of the registration; `None`: now.
    pub created_at: Option<Timestamp>,
}

/// A conversation with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferConversation {
    /// The name of the conversation in the file.
    pub key: String,
    /// Direct or group.
    pub kind: ConversationKind,
    /// The title of a group, validated.
    pub title: Option<String>,
    /// The colour of a group's picture, 0 to 7; `None`: derived from the id.
    pub hue: Option<u8>,
    /// The emoji of a group's picture, validated.
    pub emoji: Option<String>,
    /// The history that newcomers see.
    pub history: History,
    /// The time of the creation; `None`: that of the first message, or now without messages.
    pub created_at: Option<Timestamp>,
    /// Current and former members, each once.
    pub members: Vec<TransferMember>,
    /// The subject of a product that the conversation is about.
    pub subject: Option<TransferSubject>,
}

/// The subject of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferSubject {
    /// The subject, validated, and whether its conversation is closed.
    pub subject: Subject,
    /// Whether the subject has one conversation, whoever its participants are, or one for each set of people.
    pub has_one: bool,
}

/// A member. Positions are numbers of messages of the conversation, counted from its first one in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferMember {
    /// Username of the member.
    pub username: String,
    /// Permissions of the member.
    pub role: Role,
    /// Whether the member has left.
    pub left: bool,
    /// Whether the member's list shows the conversation before its first message.
    pub listed: bool,
    /// Number of messages before the member joined.
    pub joined: i64,
    /// Number of messages, from the first one on, that the member does not see.
    pub unseen: i64,
    /// Number of messages up to the read position; `None`: all.
    pub read: Option<i64>,
    /// Number of messages up to the delivered position; `None`: all.
    pub delivered: Option<i64>,
    /// The role of the member in the subject of the conversation.
    pub subject_role: Option<String>,
}

/// The change of a group that a system message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferEvent {
    /// The change, without the people.
    pub event: GroupEvent,
    /// Usernames of the people whom it concerns.
    pub members: Vec<String>,
}

/// Message, as it is imported and exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferMessage {
    /// The key of the conversation.
    pub conversation: String,
    /// Username of the sender.
    pub sender: String,
    /// The id that the sender's client chose.
    pub client_id: ClientId,
    /// The text, normalised by [`protocol::normalise`]; empty if the message is deleted.
    pub content: String,
    /// Text or system message.
    pub message_type: MessageType,
    /// The time of the message.
    pub timestamp: Timestamp,
    /// The time of the last edit.
    pub edited_at: Option<Timestamp>,
    /// The time of the deletion for everyone.
    pub deleted_at: Option<Timestamp>,
    /// Sender and client id of a message of the same conversation that this one replies to.
    pub reply_to: Option<(String, ClientId)>,
    /// The change of the group that a system message is about.
    pub event: Option<TransferEvent>,
}

/// A row of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferRow {
    /// Account of a person.
    Person(TransferPerson),
    /// A conversation; its messages follow.
    Conversation(TransferConversation),
    /// Message of a conversation that came before.
    Message(TransferMessage),
}

/// What the file says about a conversation, as far as it concerns its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    /// Members with positions of their own, by username in lower case. Everything is read by and delivered to the others.
    pub members: HashMap<String, MemberPositions>,
    /// The conversation begins with its first message.
    pub undated: bool,
}

/// The positions of a member, as in [`TransferMember`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberPositions {
    /// Number of messages before the member joined.
    pub joined: i64,
    /// Number of messages, from the first one on, that the member does not see.
    pub unseen: i64,
    /// Number of messages up to the read position; `None`: all.
    pub read: Option<i64>,
    /// Number of messages up to the delivered position; `None`: all.
    pub delivered: Option<i64>,
}

/// A row to import, validated as far as that is possible without the database.
#[derive(Clone, Debug)]
pub enum ImportRow {
    /// A person. One whose username exists is left as it is.
    Person(TransferPerson),
    /// A conversation. One that was imported under this key is left as it is, and so is a direct one of the same two people, and one
    /// about the same subject with the same participants.
    Conversation(TransferConversation),
    /// A message. One with the same sender and client id is left as it is.
    Message {
        /// The message.
        message: TransferMessage,
        /// Its number among the messages of its conversation in the file, from 1.
        number: i64,
        /// The positions of its conversation.
        positions: Arc<Positions>,
    },
}

/// Numbers of imported rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Number of people that were created.
    pub people: u64,
    /// Number of conversations that were created.
    pub conversations: u64,
    /// Number of messages that were inserted.
    pub messages: u64,
    /// Number of rows that existed before.
    pub repeated: u64,
}

/// The outcome of an import.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportOutcome {
    /// All rows are in the database.
    Imported(ImportCounts),
    /// A row is refused, and nothing was written.
    Refused {
        /// The index of the first row that is refused.
        index: usize,
        /// The reason.
        why: ErrorBody,
    },
}

/// Storage of imports and exports.
#[async_trait]
pub trait Transfer: Send + Sync {
    /// Imports all of these rows in one transaction, in order, or nothing. Clients of running servers learn of them by the
    /// comparison of counters.
    ///
    /// # Errors
    /// The whole batch failed, and nothing of it was written.
    async fn import(&self, rows: &[ImportRow], now: Timestamp) -> Result<ImportOutcome>;

    /// Begins an export of everything, or of one conversation with its people. Accounts of `rapport check` are left out.
    async fn export(&self, only: Option<ConversationId>) -> Result<Box<dyn ExportReader>>;
}

/// An export, read from one snapshot.
#[async_trait]
pub trait ExportReader: Send {
    /// Reads the next rows: people by id, then each conversation by id with its messages. None at the end.
    async fn next(&mut self) -> Result<Vec<TransferRow>>;
}
