//! Conversations about subjects of a product, as the service passes them to the store, and their storage.

use crate::Result;
use async_trait::async_trait;
use protocol::{ClientId, ClosedBy, ConversationId, Person, Subject, SubjectField, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// The identity of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectKey {
    /// The configured kind.
    pub kind: String,
    /// The product's id.
    pub id: String,
}

/// The description of a subject, validated. It is stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectCard {
    /// The name of the kind for people.
    pub kind_name: String,
    /// The title, one line.
    pub title: String,
    /// The http or https URL of its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The URL of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Facts about it, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<SubjectField>,
}

impl SubjectCard {
    /// The description in this subject.
    #[must_use]
    pub fn of(subject: Subject) -> Self {
        let Subject { kind: _, id: _, kind_name, title, url, image, fields, closed: _, closed_by: _ } =
            subject;
        Self { kind_name, title, url, image, fields }
    }

    /// The subject of this description on the wire.
    #[must_use]
    pub fn subject(self, key: SubjectKey, closed: Option<String>, closed_by: Option<ClosedBy>) -> Subject {
        let (SubjectKey { kind, id }, Self { kind_name, title, url, image, fields }) = (key, self);
        Subject { kind, id, kind_name, title, url, image, fields, closed, closed_by }
    }
}

/// A conversation about a subject to create, or to find.
#[derive(Clone, Debug)]
pub struct NewSubject {
    /// The subject.
    pub key: SubjectKey,
    /// Whether the subject has one conversation, whoever its participants are, or one for each set of people.
    pub has_one: bool,
    /// Its description.
    pub card: SubjectCard,
    /// The participants, each once, with their roles in the subject.
    pub participants: Vec<(UserId, String)>,
}

/// A change of a conversation about a subject, by the product unless it says otherwise.
#[derive(Clone, Debug)]
pub enum SubjectWrite {
    /// Create the conversation, or find the one that exists, which stays as it is.
    Open(NewSubject),
    /// Replace the description.
    Update {
        /// The conversation.
        conversation: ConversationId,
        /// The new description.
        card: SubjectCard,
    },
    /// Close the conversation, or give another reason for that.
    Close {
        /// The conversation.
        conversation: ConversationId,
        /// The reason, one line.
        reason: String,
    },
    /// Open the conversation again.
    Reopen {
        /// The conversation.
        conversation: ConversationId,
    },
    /// Close the conversation or open it again in the name of a participant.
    ByParticipant(ParticipantClosing),
    /// Close or reopen the conversation as a moderator, whom the system message names.
    Moderate {
        /// The conversation.
        conversation: ConversationId,
        /// The moderator.
        by: UserId,
        /// The reason for closing, one line; `None`: open it again.
        reason: Option<String>,
    },
}

/// The roles whose participants may close and reopen conversations, by kind of subjects. Other kinds have none.
pub type ClosingRoles = Arc<HashMap<String, Vec<String>>>;

/// The closing or reopening of a conversation about a subject by one of its participants.
#[derive(Clone, Debug)]
pub struct ParticipantClosing {
    /// The acting member.
    pub by: UserId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The reason for closing, one line; `None`: open it again.
    pub reason: Option<String>,
    /// The roles that may.
    pub roles: ClosingRoles,
    /// The id that the person's client gave this request: a repeat changes nothing, and another request with the same id is
    /// refused with [`ErrorCode::IdConflict`](protocol::ErrorCode::IdConflict).
    pub client_id: Option<ClientId>,
}

/// A conversation about a subject, as the product sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectConversation {
    /// The conversation.
    pub id: ConversationId,
    /// The subject.
    pub subject: Subject,
    /// The participants with their roles in the subject, ordered by id.
    pub participants: Vec<(Person, String)>,
    /// The time of its creation.
    pub created_at: Timestamp,
}

/// Storage of conversations about subjects. Changes are [`crate::store::Write`]s.
#[async_trait]
pub trait SubjectStore: Send + Sync + 'static {
    /// Reads the conversations about a subject with an id above `after`, in the order of their ids.
    async fn subject_conversations(
        &self,
        key: &SubjectKey,
        after: ConversationId,
        limit: usize,
    ) -> Result<Vec<SubjectConversation>>;
    /// Reads the newest conversation about a subject that the user is a member of.
    async fn own_subject_conversation(
        &self,
        user: UserId,
        key: &SubjectKey,
    ) -> Result<Option<ConversationId>>;
}
