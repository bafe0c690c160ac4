//! Conversations about subjects as moderators see them, and the reasons that they give, with their storage.

use super::SubjectKey;
use crate::Result;
use async_trait::async_trait;
use protocol::{ConversationId, Page, Person, Subject, Timestamp, UserId};
use std::fmt;
use std::str::FromStr;

/// A place in a moderator's list: behind a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModerationPosition {
    /// The last activity of that conversation.
    pub active_at: Timestamp,
    /// That conversation.
    pub id: ConversationId,
}

/// The text of a position in an address.
impl fmt::Display for ModerationPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.active_at.0, self.id)
    }
}

impl FromStr for ModerationPosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (active_at, id) = text.split_once('.').ok_or(())?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| ());
        Ok(Self { active_at: Timestamp(number(active_at)?), id: ConversationId(number(id)?) })
    }
}

/// The part of the conversations that a moderator's list shows.
#[derive(Clone, Copy, Debug)]
pub struct ModerationFilter<'a> {
    /// The kinds of subjects.
    pub kinds: &'a [&'a str],
    /// Closed ones (`true`), or open ones; `None`: both.
    pub closed: Option<bool>,
    /// The product's id of the subject; `None`: all subjects.
    pub subject: Option<&'a str>,
}

/// A conversation in a moderator's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeratedEntry {
    /// The conversation.
    pub id: ConversationId,
    /// The subject.
    pub subject: Subject,
    /// The participants with their roles in the subject, ordered by id.
    pub participants: Vec<(Person, String)>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its newest message, else of its creation.
    pub active_at: Timestamp,
}

impl ModeratedEntry {
    /// The place behind this conversation.
    #[must_use]
    pub fn position(&self) -> ModerationPosition {
        ModerationPosition { active_at: self.active_at, id: self.id }
    }
}

/// A participant as a moderator sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeratedMember {
    /// The participant.
    pub user: Person,
    /// The role in the subject.
    pub role: String,
    /// The time from which on the participant is a member.
    pub since: Timestamp,
    /// How far the participant has read, as other members see it; `None`: the participant shows that to nobody.
    pub read: Option<ReadPosition>,
}

/// How far a participant has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPosition {
    /// The `seq` up to which messages are read; 0: none is.
    pub seq: i64,
    /// The time of the newest message up to there; `None`: no message is read.
    pub at: Option<Timestamp>,
}

/// A conversation as a moderator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeratedConversation {
    /// The conversation.
    pub id: ConversationId,
    /// The subject.
    pub subject: Subject,
    /// The participants, ordered by id.
    pub members: Vec<ModeratedMember>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its newest message, else of its creation.
    pub active_at: Timestamp,
}

/// A reason that opens a conversation to a moderator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModerationAccess {
    /// The reason, one line.
    pub reason: String,
    /// The time at which it was given.
    pub given_at: Timestamp,
}

/// Storage of moderation. Nothing here looks at memberships: the service asks only for a moderator of the kind.
#[async_trait]
pub trait ModerationStore: Send + Sync + 'static {
    /// Reads the role that the last token of single sign-on gave this person.
    async fn role_in_product(&self, user: UserId) -> Result<Option<String>>;
    /// Reads conversations about subjects behind a position (`None`: the first ones), newest activity first.
    async fn moderated_list(
        &self,
        filter: ModerationFilter<'_>,
        after: Option<ModerationPosition>,
        limit: usize,
    ) -> Result<Vec<ModeratedEntry>>;
    /// Reads the subject of a conversation; `None` if it has none, or there is no such conversation.
    async fn subject_of(&self, id: ConversationId) -> Result<Option<SubjectKey>>;
    /// Reads one conversation about a subject.
    async fn moderated_conversation(&self, id: ConversationId) -> Result<ModeratedConversation>;
    /// Reads messages with a `seq` below `before` (`None`: the newest), at most `limit`, whoever has hidden some of them.
    async fn moderated_page(&self, id: ConversationId, before: Option<i64>, limit: usize) -> Result<Page>;
    /// Reads the newest reason of this moderator for this conversation.
    async fn moderation_access(
        &self,
        moderator: UserId,
        id: ConversationId,
    ) -> Result<Option<ModerationAccess>>;
    /// Stores a reason, and returns it; the same one that is still good stays as it is.
    async fn give_moderation_access(
        &self,
        moderator: UserId,
        id: ConversationId,
        reason: &str,
        now: Timestamp,
    ) -> Result<ModerationAccess>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c4_a_position_is_read_from_its_text() {
        let position = ModerationPosition { active_at: Timestamp(-7), id: ConversationId(42) };
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", "7", ".", "7.", ".7", "7.x", "7.7.7", "99999999999999999999.1"] {
            assert_eq!(text.parse::<ModerationPosition>(), Err(()), "{text}");
        }
    }
}
