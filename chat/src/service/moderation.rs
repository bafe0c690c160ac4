//! Moderation: people whom the configuration names look into conversations about subjects, close and reopen them. Each look is
//! in the audit log; the first one into a conversation needs a reason.

use super::conversations::invalid;
use super::{ChatService, Operation, unexpected};
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::entered_text::one_line;
use crate::policy;
use crate::store::{
    ModeratedConversation, ModeratedEntry, ModerationAccess, ModerationFilter, ModerationPosition, Outcome,
    SubjectKey, SubjectWrite, Write,
};
use crate::subject_kind::SubjectKind;
use crate::{Error, Result};
use protocol::{ConversationId, ErrorBody, ErrorCode, Page, Person, Timestamp, limits};

/// Maximum length of a reason.
const MAX_REASON: usize = 280;

/// A person who moderates these kinds of subjects; made by [`ChatService::moderator`] alone.
#[derive(Clone, Debug)]
pub struct Moderator<'a> {
    person: &'a Person,
    kinds: Vec<&'a SubjectKind>,
}

impl Moderator<'_> {
    /// The kinds that the person moderates, at least one.
    pub fn kinds(&self) -> impl Iterator<Item = &SubjectKind> {
        self.kinds.iter().copied()
    }
}

/// The part of the conversations that a moderator wants to see.
#[derive(Clone, Debug, Default)]
pub struct ModerationRequest {
    /// The kind of the subjects; `None`: all that the person moderates.
    pub kind: Option<String>,
    /// Closed ones (`true`), or open ones; `None`: both.
    pub closed: Option<bool>,
    /// The product's id of the subject; `None`: all subjects.
    pub subject: Option<String>,
    /// The position behind which the page begins; `None`: it is the first one.
    pub after: Option<ModerationPosition>,
    /// Most conversations of the page.
    pub limit: usize,
}

/// A page of a moderator's list.
#[derive(Clone, Debug)]
pub struct ModerationPage {
    /// The conversations, newest activity first.
    pub conversations: Vec<ModeratedEntry>,
    /// The position behind them, if there are more.
    pub next: Option<ModerationPosition>,
}

impl ChatService {
    /// The person as a moderator, by these kinds.
    ///
    /// # Errors
    /// `NotFound`: the person moderates nothing.
    pub async fn moderator<'a>(&self, person: &'a Person, kinds: &'a [SubjectKind]) -> Result<Moderator<'a>> {
        let kinds = self.moderated_kinds(person, kinds).await?;
        if kinds.is_empty() { Err(Error::not_found()) } else { Ok(Moderator { person, kinds }) }
    }

    /// Whether the person moderates any of these kinds.
    pub async fn moderates(&self, person: &Person, kinds: &[SubjectKind]) -> Result<bool> {
        Ok(!self.moderated_kinds(person, kinds).await?.is_empty())
    }

    async fn moderated_kinds<'a>(
        &self,
        person: &Person,
        kinds: &'a [SubjectKind],
    ) -> Result<Vec<&'a SubjectKind>> {
        let by_role = kinds.iter().any(SubjectKind::has_moderator_roles);
        let role = if by_role { self.inner.store.role_in_product(person.id).await? } else { None };
        let is_theirs = |kind: &&SubjectKind| kind.is_moderated_by(&person.username, role.as_deref());
        Ok(kinds.iter().filter(is_theirs).collect())
    }

    /// A page of the conversations about subjects of the kinds that the person moderates, newest activity first. One that gets
    /// a message while pages are turned moves to the first page.
    ///
    /// # Errors
    /// `NotFound`: the person does not moderate the `kind`.
    pub async fn moderated_list(
        &self,
        by: &Moderator<'_>,
        request: &ModerationRequest,
    ) -> Result<ModerationPage> {
        self.charge(by.person, Operation::Page)?;
        let ModerationRequest { kind, closed, subject, after, limit } = request;
        let is_asked = |known: &&str| kind.as_deref().is_none_or(|kind| kind == *known);
        let kinds: Vec<&str> = by.kinds().map(SubjectKind::kind).filter(is_asked).collect();
        if kinds.is_empty() {
            return Err(Error::not_found());
        }
        let mut event = moderation(AuditAction::ListForModeration, by);
        if let Some(kind) = kind {
            event = event.kind(kind);
        }
        let subject = subject.as_deref().map(str::trim).filter(|subject| !subject.is_empty());
        // No other text is stored, and the database may refuse it.
        let is_stored = subject.is_none_or(super::subject_rules::is_subject_id);
        if let Some(subject) = subject.filter(|_| is_stored) {
            event = event.subject(subject);
        }
        let limit = (*limit).clamp(1, limits::MAX_LIST_PAGE);
        let mut conversations = Vec::new();
        if is_stored {
            let filter = ModerationFilter { kinds: &kinds, closed: *closed, subject };
            // One more, to know whether there is a next page.
            conversations = self.inner.store.moderated_list(filter, *after, limit + 1).await?;
        }
        event.emit();
        let more = conversations.len() > limit;
        conversations.truncate(limit);
        let next = conversations.last().map(ModeratedEntry::position).filter(|_| more);
        Ok(ModerationPage { conversations, next })
    }

    /// Gives a reason to look into a conversation, which opens it to this moderator for a day; returns it with the time at which
    /// it ends. The reason that is good already stays as it is.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` for the reason.
    pub async fn give_moderation_reason(
        &self,
        by: &Moderator<'_>,
        id: ConversationId,
        reason: &str,
    ) -> Result<(ModerationAccess, Timestamp)> {
        self.charge(by.person, Operation::Change)?;
        let subject = self.moderated_subject(by, id).await?;
        let reason = checked_reason(reason)?;
        let store = &self.inner.store;
        let given = store.give_moderation_access(by.person.id, id, &reason, self.now()).await?;
        about(moderation(AuditAction::GiveModerationReason, by), id, &subject).reason(&reason).emit();
        let ends = policy::access_ends(given.given_at);
        Ok((given, ends))
    }

    /// A conversation with its participants.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`: the moderator has given no reason within the last day.
    pub async fn moderated_conversation(
        &self,
        by: &Moderator<'_>,
        id: ConversationId,
    ) -> Result<ModeratedConversation> {
        self.charge(by.person, Operation::Page)?;
        let subject = self.opened_subject(by, id).await?;
        let found = self.inner.store.moderated_conversation(id).await?;
        about(moderation(AuditAction::OpenForModeration, by), id, &subject).emit();
        Ok(found)
    }

    /// Messages of a conversation before a `seq` (`None`: the newest), as the members see them together: whatever one of them has
    /// hidden is there.
    ///
    /// # Errors
    /// As [`Self::moderated_conversation`].
    pub async fn moderated_page(
        &self,
        by: &Moderator<'_>,
        id: ConversationId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page> {
        self.charge(by.person, Operation::Page)?;
        let subject = self.opened_subject(by, id).await?;
        let page = self.inner.store.moderated_page(id, before, limit.clamp(1, limits::PAGE)).await?;
        about(moderation(AuditAction::ReadForModeration, by), id, &subject).emit();
        Ok(page)
    }

    /// Closes a conversation for this reason, which the participants read, and returns whether that changed anything. It needs no
    /// reason for a look, since nothing is read.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` for the reason.
    pub async fn close_as_moderator(
        &self,
        by: &Moderator<'_>,
        id: ConversationId,
        reason: &str,
    ) -> Result<bool> {
        let subject = self.moderated_subject(by, id).await?;
        let reason = checked_reason(reason)?;
        self.moderate(by, id, &subject, Some(reason)).await
    }

    /// Opens a conversation again, and returns whether that changed anything.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn reopen_as_moderator(&self, by: &Moderator<'_>, id: ConversationId) -> Result<bool> {
        let subject = self.moderated_subject(by, id).await?;
        self.moderate(by, id, &subject, None).await
    }

    async fn moderate(
        &self,
        by: &Moderator<'_>,
        id: ConversationId,
        subject: &SubjectKey,
        reason: Option<String>,
    ) -> Result<bool> {
        self.charge(by.person, Operation::Change)?;
        // For the system message.
        self.charge_sends(by.person, 1)?;
        let action = match reason {
            Some(_) => AuditAction::CloseForModeration,
            None => AuditAction::ReopenForModeration,
        };
        let write = SubjectWrite::Moderate { conversation: id, by: by.person.id, reason };
        let changed = match self.inner.writer.write(Write::Subject(write)).await? {
            Outcome::GroupChanged(changed) => !changed.messages.is_empty(),
            other => return Err(unexpected(&other)),
        };
        if changed {
            about(moderation(action, by), id, subject).emit();
        }
        // What was being typed cannot be sent any more.
        self.inner.typing.stop_all(id);
        Ok(changed)
    }

    /// The subject of a conversation that this person moderates.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn moderated_subject(&self, by: &Moderator<'_>, id: ConversationId) -> Result<SubjectKey> {
        let subject = self.inner.store.subject_of(id).await?;
        let is_theirs = |subject: &SubjectKey| by.kinds().any(|kind| kind.kind() == subject.kind);
        subject.filter(is_theirs).ok_or_else(Error::not_found)
    }

    /// Like [`Self::moderated_subject`], of a conversation that a reason has opened.
    async fn opened_subject(&self, by: &Moderator<'_>, id: ConversationId) -> Result<SubjectKey> {
        let subject = self.moderated_subject(by, id).await?;
        let given = self.inner.store.moderation_access(by.person.id, id).await?;
        if given.is_some_and(|given| policy::is_access_good(given.given_at, self.now())) {
            return Ok(subject);
        }
        let why = "Give a reason first; it opens the conversation to you for a day";
        Err(ErrorBody::because(ErrorCode::Forbidden, why).into())
    }
}

fn checked_reason(reason: &str) -> Result<String> {
    let line = one_line(reason, MAX_REASON).ok().filter(|line| !line.is_empty());
    line.ok_or_else(|| invalid(format!("`reason` is one line of 1 to {MAX_REASON} characters")))
}

fn moderation(action: AuditAction, by: &Moderator<'_>) -> AuditEvent {
    AuditEvent::new(action, AuditOutcome::Ok).by(by.person.id)
}

fn about(event: AuditEvent, id: ConversationId, subject: &SubjectKey) -> AuditEvent {
    event.conversation(id).kind(&subject.kind).subject(&subject.id)
}
