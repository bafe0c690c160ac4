//! Requests and answers of moderation.

use super::super::subjects::Participant;
use chat::store::{ModeratedConversation, ModeratedEntry, ModeratedMember, ReadPosition};
use protocol::{ApiError, ConversationId, Person, Subject, Timestamp};
use serde::{Deserialize, Serialize};

/// Whether conversations are open or closed.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubjectState {
    /// The participants can write.
    Open,
    /// Nobody can write.
    Closed,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ModerationQuery {
    /// The conversations about subjects of this kind; absent: of all kinds that you moderate.
    pub(super) kind: Option<String>,
    /// The open or the closed ones; absent: both.
    #[param(inline)]
    pub(super) state: Option<SubjectState>,
    /// The product's id of the subject, whole; absent: all subjects.
    pub(super) subject: Option<String>,
    /// The `next` of the page before; absent for the first page.
    pub(super) cursor: Option<String>,
    /// Most conversations of the page, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<i64>,
}

/// A page of the conversations that you moderate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ModeratedConversations {
    /// The conversations, newest activity first.
    pub(super) conversations: Vec<ModeratedListEntry>,
    /// The `cursor` of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// A conversation in the list of a moderator.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ModeratedListEntry {
    /// The id of the conversation.
    id: ConversationId,
    /// The subject, and whether its conversation is closed.
    subject: Subject,
    /// The participants.
    participants: Vec<Participant>,
    /// The time of the conversation's creation.
    created_at: Timestamp,
    /// The time of its newest message, else of its creation.
    active_at: Timestamp,
}

impl From<ModeratedEntry> for ModeratedListEntry {
    fn from(entry: ModeratedEntry) -> Self {
        let ModeratedEntry { id, subject, participants, created_at, active_at } = entry;
        let participants = participants.into_iter().map(|(user, role)| Participant { user, role }).collect();
        Self { id, subject, participants, created_at, active_at }
    }
}

/// A conversation as a moderator sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ModeratedDetails {
    /// The id of the conversation.
    id: ConversationId,
    /// The subject, and whether its conversation is closed.
    subject: Subject,
    /// The participants.
    participants: Vec<ModeratedParticipant>,
    /// The time of the conversation's creation.
    created_at: Timestamp,
    /// The time of its newest message, else of its creation.
    active_at: Timestamp,
}

/// A participant as a moderator sees them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ModeratedParticipant {
    /// The participant.
    user: Person,
    /// The role of the participant in the subject.
    role: String,
    /// The time from which on the participant is a member.
    since: Timestamp,
    /// The `seq` up to which the participant has read, 0 for nothing; absent if the participant shows that to nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_seq: Option<i64>,
    /// The time of the newest message up to there; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<Timestamp>,
}

impl From<ModeratedConversation> for ModeratedDetails {
    fn from(conversation: ModeratedConversation) -> Self {
        let ModeratedConversation { id, subject, members, created_at, active_at } = conversation;
        let participant = |ModeratedMember { user, role, since, read }| ModeratedParticipant {
            user,
            role,
            since,
            read_seq: read.map(|ReadPosition { seq, .. }| seq),
            read_at: read.and_then(|ReadPosition { at, .. }| at),
        };
        let participants = members.into_iter().map(participant).collect();
        Self { id, subject, participants, created_at, active_at }
    }
}

/// The reason of a moderator to look into a conversation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct GiveReason {
    /// The reason, one line of 1 to 280 characters. It is kept, also in the audit log; the participants do not read it.
    pub(super) reason: String,
}

/// A reason that opens a conversation to its moderator.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct GivenReason {
    /// The reason.
    pub(super) reason: String,
    /// The time at which it was given.
    pub(super) given_at: Timestamp,
    /// The time at which it ends, 24 hours later.
    pub(super) ends_at: Timestamp,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ModeratedHistoryQuery {
    /// Messages with a `seq` below this, 1 or more; absent: the newest.
    #[param(minimum = 1)]
    pub(super) before: Option<i64>,
    /// Most messages of the page, 1 to 50 (the default).
    #[param(minimum = 1, maximum = 50)]
    pub(super) limit: Option<i64>,
}

/// The closing of a conversation by a moderator.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct CloseForModeration {
    /// The reason, which the participants read: one line of 1 to 280 characters.
    pub(super) reason: String,
}

/// The outcome of closing or reopening.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Moderated {
    /// Whether the conversation changed; `false`: it was so already.
    pub(super) changed: bool,
}

/// The refusals of the operations of moderators.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "for the document")]
pub(crate) enum NotModerated {
    /// Not signed in
    #[response(status = 401)]
    NotAuthenticated(ApiError),
    /// You moderate no such conversation, or nothing at all
    #[response(status = 404)]
    NotFound(ApiError),
    /// Too many requests
    #[response(status = 429)]
    RateLimited(ApiError),
}
