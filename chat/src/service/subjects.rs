//! Conversations about subjects, which a product opens, updates, closes and reopens.

use super::conversations::invalid;
use super::subject_rules::{checked_card, checked_reason, is_subject_id, subject_key};
use super::{ChatService, Operation, unexpected};
use crate::account::ExternalPerson;
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::store::{
    GroupChanged, NewSubject, Outcome, StoredServiceKey, SubjectConversation, SubjectKey, SubjectWrite, Write,
};
use crate::subject_kind::{MAX_NAME, SubjectKind, is_kind};
use crate::{Error, Result};
use futures::future::join_all;
use protocol::{ConversationId, ErrorCode, Person, SubjectField, UserId, limits};
use std::collections::HashMap;

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
#[derive(Clone, Debug)]
pub enum ParticipantName {
    /// The username.
    Username(String),
    /// The person of a product. Without an account, one is made, which is the person's at the first sign-in by a token.
    External(ExternalPerson),
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
        let SubjectRequest { title, url, image, fields, participants } = request;
        let card = checked_card(kind, &title, url.as_deref(), image.as_deref(), fields)?;
        let participants = self.subject_participants(kind, &participants).await?;
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
        let reason = checked_reason(reason)?;
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
                ParticipantName::External(_) => None,
            })
            .collect();
        let named: HashMap<_, _> = self
            .people_named(&usernames)
            .await?
            .into_iter()
            .map(|person| (person.username.to_lowercase(), person.id))
            .collect();
        let mut people: Vec<(UserId, String)> = Vec::with_capacity(participants.len());
        let mut add = |id: UserId, role: &String| {
            if people.iter().any(|(other, _)| *other == id) {
                return Err(invalid("Each participant is named once"));
            }
            people.push((id, role.clone()));
            Ok(())
        };
        let (mut external, mut roles) = (Vec::new(), Vec::new());
        for (name, role) in participants {
            match name {
                ParticipantName::Username(username) => {
                    let id = named.get(&username.trim().to_lowercase()).copied();
                    add(id.ok_or_else(|| invalid("There is no such participant"))?, role)?;
                }
                ParticipantName::External(person) => {
                    external.push(person);
                    roles.push(role);
                }
            }
        }
        // Last, because it makes accounts.
        for (account, role) in self.inner.accounts.named_by_product(&external).await?.iter().zip(roles) {
            if account.suspended {
                return Err(ErrorCode::Suspended.into());
            }
            add(account.person.id, role)?;
        }
        Ok(people)
    }
}

fn audit(action: AuditAction, by: &StoredServiceKey, conversation: ConversationId) {
    AuditEvent::new(action, AuditOutcome::Ok).key(by.id).conversation(conversation).emit();
}
