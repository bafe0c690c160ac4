//! Conversations about subjects among those of a batch.

use super::super::subjects::{existing, people_key};
use super::Connection;
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{SubjectKey, TransferConversation, TransferMember};
use protocol::{ConversationId, ErrorBody, UserId};
use std::collections::HashMap;

/// The identity of a conversation about a subject: the database has one for each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SubjectPlace {
    pub(super) kind: String,
    pub(super) id: String,
    /// The ids of the participants; empty where the subject has one conversation.
    pub(super) people: String,
}

/// The subject of a conversation to import, with the participants.
pub(super) struct Participation {
    pub(super) place: SubjectPlace,
    has_one: bool,
    /// The participants with their roles, ordered by id.
    participants: Vec<(UserId, String)>,
}

impl Participation {
    /// `None`: the conversation has no subject.
    pub(super) fn of(row: &TransferConversation, members: &[(UserId, &TransferMember)]) -> Option<Self> {
        let subject = row.subject.as_ref()?;
        let current = members.iter().filter(|(_, member)| !member.left);
        let role = |member: &TransferMember| member.subject_role.clone().unwrap_or_default();
        let mut participants: Vec<_> = current.map(|(user, member)| (*user, role(member))).collect();
        participants.sort_unstable();
        let ids: Vec<UserId> = participants.iter().map(|(user, _)| *user).collect();
        let people = people_key(subject.has_one, &ids);
        let (kind, id) = (subject.subject.kind.clone(), subject.subject.id.clone());
        Some(Self { place: SubjectPlace { kind, id, people }, has_one: subject.has_one, participants })
    }
}

/// The conversations about subjects of a batch: those that exist, and those that rows before name.
#[derive(Default)]
pub(super) struct Subjects {
    known: HashMap<SubjectPlace, ConversationId>,
    participants: HashMap<SubjectPlace, Vec<(UserId, String)>>,
}

impl Subjects {
    /// Looks for the conversation of a row; the inner error is the reason why the row is refused.
    pub(super) async fn look(
        &mut self,
        c: &mut Connection,
        row: &Participation,
    ) -> Result<std::result::Result<Option<ConversationId>, ErrorBody>> {
        if let Some(before) = self.participants.get(&row.place) {
            let same = policy::is_of_participants(before, &row.participants);
            return Ok(same.map(|()| self.known(&row.place)));
        }
        let SubjectPlace { kind, id, .. } = row.place.clone();
        let found = match existing(c, &SubjectKey { kind, id }, row.has_one, &row.participants).await {
            Err(StoreError::Refused(why)) => return Ok(Err(why)),
            found => found?,
        };
        self.participants.insert(row.place.clone(), row.participants.clone());
        self.known.extend(found.map(|id| (row.place.clone(), id)));
        Ok(Ok(found))
    }

    /// The conversation of this place, if it exists.
    pub(super) fn known(&self, place: &SubjectPlace) -> Option<ConversationId> {
        self.known.get(place).copied()
    }

    /// Notes a conversation that was created.
    pub(super) fn note(&mut self, place: SubjectPlace, id: ConversationId) {
        self.known.insert(place, id);
    }
}
