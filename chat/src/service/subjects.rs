//! Conversations about subjects, which a product opens, updates, closes and reopens.

use super::conversations::{invalid, refused_title};
use super::{ChatService, Operation, unexpected};
use crate::account::is_identity;
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::entered_text::one_line;
use crate::store::{
    GroupChanged, NewSubject, Outcome, StoredServiceKey, SubjectCard, SubjectConversation, SubjectKey,
    SubjectWrite, Write,
};
use crate::subject_kind::{MAX_NAME, SubjectKind, is_kind};
use crate::{Error, Result};
use futures::future::join_all;
use protocol::{ConversationId, ErrorCode, Person, SubjectField, UserId, limits};
use std::collections::HashMap;
use url::Url;

/// Maximum length of the product's id of a subject, in characters.
const MAX_ID: usize = 200;
/// Maximum length of a URL, in bytes.
const MAX_URL: usize = 2_048;
/// Maximum number of fields.
const MAX_FIELDS: usize = 12;
/// Maximum length of the value of a field.
const MAX_VALUE: usize = 200;
/// Maximum length of the reason for closing.
const MAX_REASON: usize = 280;
/// Number of conversations of a subject that are closed or reopened together.
const AT_ONCE: usize = 100;

/// A subject with its participants, as a product sends it.
#[derive(Clone, Debug, Default)]
pub struct SubjectRequest {
    /// The title, at most 120 characters.
    pub title: String,
    /// The http or https URL of its page.
    pub url: Option<String>,
    /// The URL of its picture, of one of the origins of the kind.
    pub image: Option<String>,
    /// Facts about it, in the order in which they are shown.
    pub fields: Vec<SubjectField>,
    /// The participants, each with a role.
    pub participants: Vec<(ParticipantName, String)>,
}

/// The name of a participant, as a product gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParticipantName {
    /// The username.
    Username(String),
    /// The identity of a person whom single sign-on has signed in.
    Identity {
        /// The `iss` of the person's tokens.
        issuer: String,
        /// The `sub` of the person's tokens.
        subject: String,
    },
}

impl ChatService {
    /// Creates the conversation of these people about a subject, or finds it and updates the description. The flag tells whether
    /// it was created.
    ///
    /// # Errors
    /// `Invalid`: a value breaks a rule, or there is no such person. `Suspended`: the account of a participant is suspended.
    /// `Conflict`: the kind has one conversation per subject, and that has other participants; or the people have other roles.
    pub async fn open_subject(
        &self,
        by: &StoredServiceKey,
        kind: &SubjectKind,
        id: &str,
        request: SubjectRequest,
    ) -> Result<(SubjectConversation, bool)> {
        let key = subject_key(kind, id)?;
        let participants = self.subject_participants(kind, &request.participants).await?;
        let card = checked(kind, request)?;
        let new = NewSubject { key: key.clone(), has_one: kind.has_one, card: card.clone(), participants };
        let opened = self.inner.writer.write(Write::Subject(SubjectWrite::Open(new))).await?;
        let Outcome::ConversationCreated { id, created, .. } = opened else {
            return Err(unexpected(&opened));
        };
        if created {
            audit(AuditAction::OpenSubject, by, id);
        } else {
            self.change_subject(SubjectWrite::Update { conversation: id, card }).await?;
        }
        // The one before the id is excluded, so that this one is the first.
        let found = self.inner.store.subject_conversations(&key, ConversationId(id.0 - 1), 1).await?;
        let conversation = found.into_iter().next().filter(|found| found.id == id);
        Ok((conversation.ok_or_else(Error::not_found)?, created))
    }

    /// The conversations about a subject with an id above `after`, in the order of their ids, at most `limit`.
    ///
    /// # Errors
    /// `NotFound`: there is none.
    pub async fn subject_conversations(
        &self,
        kind: &SubjectKind,
        id: &str,
        after: ConversationId,
        limit: usize,
    ) -> Result<Vec<SubjectConversation>> {
        let key = subject_key(kind, id)?;
        let found = self.inner.store.subject_conversations(&key, after, limit).await?;
        if found.is_empty() && after.0 <= 0 { Err(Error::not_found()) } else { Ok(found) }
    }

    /// The newest conversation about a subject that the person is a member of.
    pub async fn own_subject_conversation(
        &self,
        user: &Person,
        kind: &str,
        id: &str,
    ) -> Result<Option<ConversationId>> {
        self.charge(user, Operation::One)?;
        // No other text is stored, and the database may refuse it.
        if !is_kind(kind) || !is_subject_id(id) {
            return Ok(None);
        }
        let key = SubjectKey { kind: kind.to_owned(), id: id.to_owned() };
        self.inner.store.own_subject_conversation(user.id, &key).await
    }

    /// Closes the conversations about a subject (`only`: this one alone), and returns how many that changed: one that is closed for
    /// this reason already stays as it is.
    ///
    /// # Errors
    /// `Invalid` for the reason, `NotFound` if there is no such conversation.
    pub async fn close_subject(
        &self,
        by: &StoredServiceKey,
        kind: &SubjectKind,
        id: &str,
        only: Option<ConversationId>,
        reason: &str,
    ) -> Result<usize> {
        let why = || invalid(format!("`reason` is one line of 1 to {MAX_REASON} characters"));
        let reason = one_line(reason, MAX_REASON).map_err(|_| why())?;
        if reason.is_empty() {
            return Err(why());
        }
        self.change_subjects(by, AuditAction::CloseSubject, kind, id, only, |conversation| {
            SubjectWrite::Close { conversation, reason: reason.clone() }
        })
        .await
    }

    /// Reopens the conversations about a subject (`only`: this one alone), and returns how many that changed.
    ///
    /// # Errors
    /// `NotFound` if there is no such conversation.
    pub async fn reopen_subject(
        &self,
        by: &StoredServiceKey,
        kind: &SubjectKind,
        id: &str,
        only: Option<ConversationId>,
    ) -> Result<usize> {
        let reopen = |conversation| SubjectWrite::Reopen { conversation };
        self.change_subjects(by, AuditAction::ReopenSubject, kind, id, only, reopen).await
    }

    async fn change_subjects(
        &self,
        by: &StoredServiceKey,
        action: AuditAction,
        kind: &SubjectKind,
        id: &str,
        only: Option<ConversationId>,
        write: impl Fn(ConversationId) -> SubjectWrite,
    ) -> Result<usize> {
        let key = subject_key(kind, id)?;
        let (mut after, mut any, mut changed) = (ConversationId(0), false, 0);
        loop {
            let found = self.inner.store.subject_conversations(&key, after, AT_ONCE).await?;
            let Some(last) = found.last() else { break };
            after = last.id;
            let meant: Vec<_> =
                found.iter().map(|found| found.id).filter(|id| only.is_none_or(|only| only == *id)).collect();
            any |= !meant.is_empty();
            let writes = join_all(meant.iter().map(|id| self.change_subject(write(*id)))).await;
            for (id, written) in meant.into_iter().zip(writes) {
                if !written?.messages.is_empty() {
                    changed += 1;
                    audit(action, by, id);
                }
                // What was being typed cannot be sent any more.
                self.inner.typing.stop_all(id);
            }
        }
        if any { Ok(changed) } else { Err(Error::not_found()) }
    }

    async fn change_subject(&self, write: SubjectWrite) -> Result<GroupChanged> {
        match self.inner.writer.write(Write::Subject(write)).await? {
            Outcome::GroupChanged(changed) => Ok(changed),
            other => Err(unexpected(&other)),
        }
    }

    /// The participants, each with a role of the kind.
    async fn subject_participants(
        &self,
        kind: &SubjectKind,
        participants: &[(ParticipantName, String)],
    ) -> Result<Vec<(UserId, String)>> {
        if !(2..=limits::SMALL_CONVERSATION).contains(&participants.len()) {
            return Err(invalid(format!("There are 2 to {} participants", limits::SMALL_CONVERSATION)));
        }
        if let Some((_, role)) = participants.iter().find(|(_, role)| !kind.roles.contains(role)) {
            let shown: String = role.chars().take(MAX_NAME).collect();
            return Err(invalid(format!("`{shown}` is no role of {}: {}", kind.kind, kind.roles.join(", "))));
        }
        let usernames: Vec<_> = participants
            .iter()
            .filter_map(|(name, _)| match name {
                ParticipantName::Username(username) => Some(username.clone()),
                ParticipantName::Identity { .. } => None,
            })
            .collect();
        let named: HashMap<_, _> = self
            .people_named(&usernames)
            .await?
            .into_iter()
            .map(|person| (person.username.to_lowercase(), person.id))
            .collect();
        let mut people: Vec<(UserId, String)> = Vec::with_capacity(participants.len());
        for (name, role) in participants {
            let id = match name {
                ParticipantName::Username(username) => named.get(&username.trim().to_lowercase()).copied(),
                ParticipantName::Identity { issuer, subject } => {
                    Some(self.signed_in_as(issuer, subject).await?)
                }
            };
            let id = id.ok_or_else(|| invalid("There is no such participant"))?;
            if people.iter().any(|(other, _)| *other == id) {
                return Err(invalid("Each participant is named once"));
            }
            people.push((id, role.clone()));
        }
        Ok(people)
    }

    /// The person whom single sign-on has signed in under this identity.
    async fn signed_in_as(&self, issuer: &str, subject: &str) -> Result<UserId> {
        // No other text is stored, and the database may refuse it.
        let account = if is_identity(issuer) && is_identity(subject) {
            self.inner.store.account_of_identity(issuer, subject).await?
        } else {
            None
        };
        let account = account.ok_or_else(|| invalid("Nobody has signed in with this `issuer` and `sub`"))?;
        if account.suspended { Err(ErrorCode::Suspended.into()) } else { Ok(account.person.id) }
    }
}

/// Whether a text can be the id of a subject: it is printable and has no slash, so that it is one segment of an address.
pub(super) fn is_subject_id(id: &str) -> bool {
    let is_printable = |c: char| !c.is_control() && !c.is_whitespace() && !protocol::is_invisible(c);
    !id.is_empty()
        && id.chars().nth(MAX_ID).is_none()
        && id.chars().all(|c| is_printable(c) && !matches!(c, '/' | '\\'))
}

/// The identity of a subject.
fn subject_key(kind: &SubjectKind, id: &str) -> Result<SubjectKey> {
    if is_subject_id(id) {
        return Ok(SubjectKey { kind: kind.kind.clone(), id: id.to_owned() });
    }
    Err(invalid(format!("The id of a subject has 1 to {MAX_ID} visible characters, no space and no slash")))
}

/// The description, normalised.
fn checked(kind: &SubjectKind, request: SubjectRequest) -> Result<SubjectCard> {
    let SubjectRequest { title, url, image, fields, participants: _ } = request;
    let title = one_line(&title, limits::MAX_TITLE).map_err(refused_title)?;
    if title.is_empty() {
        return Err(invalid("`title` is missing"));
    }
    if fields.len() > MAX_FIELDS {
        return Err(invalid(format!("There are at most {MAX_FIELDS} fields")));
    }
    let fields = fields.into_iter().map(field).collect::<Result<_>>()?;
    let url = url.map(|url| web_url("url", &url)).transpose()?.map(String::from);
    let image = image.map(|image| web_url("image", &image)).transpose()?;
    if let Some(image) = &image
        && !kind.image_origins.contains(&image.origin().ascii_serialization())
    {
        return Err(invalid("`image` is not at one of the image_origins of the kind"));
    }
    Ok(SubjectCard { kind_name: kind.name.clone(), title, url, image: image.map(String::from), fields })
}

fn field(field: SubjectField) -> Result<SubjectField> {
    let line = |text: &str, most: usize| {
        let line = one_line(text, most).ok().filter(|line| !line.is_empty());
        line.ok_or_else(|| {
            invalid(format!(
                "A field has a `name` of 1 to {MAX_NAME} characters and a `value` of 1 to {MAX_VALUE}, each in one line"
            ))
        })
    };
    Ok(SubjectField { name: line(&field.name, MAX_NAME)?, value: line(&field.value, MAX_VALUE)? })
}

/// An http or https URL without a password, in its normal form, which is ASCII.
fn web_url(key: &str, text: &str) -> Result<Url> {
    let refused = || invalid(format!("`{key}` is no http or https URL of at most {MAX_URL} characters"));
    if text.len() > MAX_URL {
        return Err(refused());
    }
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_web =
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    if is_web && url.as_str().len() <= MAX_URL { Ok(url) } else { Err(refused()) }
}

fn audit(action: AuditAction, by: &StoredServiceKey, conversation: ConversationId) {
    AuditEvent::new(action, AuditOutcome::Ok).key(by.id).conversation(conversation).emit();
}
