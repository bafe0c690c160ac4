//! Closing and reopening conversations about subjects, by participants whose role may; and the configured kinds of subjects.

use super::subject_rules::checked_reason;
use super::{ChatService, Operation};
use crate::Result;
use crate::audit::{AuditAction, AuditEvent};
use crate::store::{ClosingRoles, ParticipantClosing, SubjectWrite, Write};
use crate::subject_kind::SubjectKind;
use protocol::{ClientId, ConversationId, Person};
use std::sync::Arc;

/// The configured kinds of subjects.
pub(super) struct SubjectKinds {
    kinds: Vec<SubjectKind>,
    closing: ClosingRoles,
}

impl ChatService {
    /// Sets the kinds of subjects that the installation configures: before the first request, and once, since later calls change
    /// nothing.
    pub fn set_subject_kinds(&self, kinds: Vec<SubjectKind>) {
        let roles = |kind: &SubjectKind| (kind.kind.clone(), kind.closed_by().to_vec());
        let closing = Arc::new(kinds.iter().map(roles).collect());
        let _ = self.inner.subject_kinds.set(SubjectKinds { kinds, closing });
    }

    /// The configured kinds of subjects.
    #[must_use]
    pub fn subject_kinds(&self) -> &[SubjectKind] {
        self.inner.subject_kinds.get().map_or(&[], |configured| &configured.kinds)
    }

    /// Closes a conversation about a subject in the name of a participant, or gives another reason. Nothing happens if it is closed
    /// for this reason already.
    ///
    /// # Errors
    /// `Invalid` for the reason; `Forbidden`: the person's role in the subject may not.
    pub async fn close_conversation(
        &self,
        by: &Person,
        conversation: ConversationId,
        reason: &str,
        client_id: Option<ClientId>,
    ) -> Result<()> {
        self.charge(by, Operation::Change)?;
        let reason = Some(checked_reason(reason)?);
        self.close_or_reopen(by, AuditAction::CloseSubject, conversation, reason, client_id).await
    }

    /// Opens a closed conversation about a subject again in the name of a participant. Nothing happens if it is open.
    ///
    /// # Errors
    /// `Forbidden`: the person's role in the subject may not.
    pub async fn reopen_conversation(
        &self,
        by: &Person,
        conversation: ConversationId,
        client_id: Option<ClientId>,
    ) -> Result<()> {
        self.charge(by, Operation::Change)?;
        self.close_or_reopen(by, AuditAction::ReopenSubject, conversation, None, client_id).await
    }

    async fn close_or_reopen(
        &self,
        by: &Person,
        action: AuditAction,
        conversation: ConversationId,
        reason: Option<String>,
        client_id: Option<ClientId>,
    ) -> Result<()> {
        let roles = match self.inner.subject_kinds.get() {
            Some(configured) => Arc::clone(&configured.closing),
            None => ClosingRoles::default(),
        };
        let write = ParticipantClosing { by: by.id, conversation, reason, roles, client_id };
        let write = Write::Subject(SubjectWrite::ByParticipant(write));
        let changed = self.write_lines(by, 1, write).await;
        if let Some(event) = AuditEvent::of(action, &changed) {
            event.by(by.id).conversation(conversation).emit();
        }
        changed.map(drop)
    }
}
