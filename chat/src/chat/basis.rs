//! By what one knows that a sync would give the same again, without a word from the database.

use super::Chat;
use crate::Result;
use crate::bus::Topic;
use protocol::{ConversationId, Person, PersonStatus, SyncAnswer, SyncRequest, Timestamp, TypingNow, UserId};

/// What an answer to a sync was made from.
#[derive(Clone, Debug)]
pub struct Basis {
    user: UserId,
    /// All that is in the database.
    topics: Vec<Topic>,
    changes: u64,
    /// What is not: who is there, and who types.
    people: Vec<(Person, Option<Timestamp>)>,
    presence: Vec<PersonStatus>,
    conversations: Vec<ConversationId>,
    typing: Vec<TypingNow>,
}

impl Chat {
    /// The same as [`Self::sync`], with what it was made from; without that where only the database can tell what
    /// changes, or something changed meanwhile.
    pub async fn sync_from(
        &self,
        user: &Person,
        request: &SyncRequest,
    ) -> Result<(SyncAnswer, Option<Basis>)> {
        let store = &*self.inner.store;
        let before = store.touches();
        let rows = store.sync(user.id, request).await?;
        let people = store.acquaintances(user.id).await?;
        let conversations: Vec<_> = rows.counters.iter().map(|(id, _)| *id).collect();
        let topics: Vec<_> = std::iter::once(user.id)
            .chain(people.iter().map(|(person, _)| person.id))
            .map(Topic::Person)
            .chain(conversations.iter().copied().map(Topic::Conversation))
            .collect();
        let changes = store.touches_of(&topics).filter(|_| store.touches() == before);
        let answer = self.answer(rows, self.inner.presence.of(&people));
        let basis = changes.map(|changes| Basis {
            user: user.id,
            topics,
            changes,
            people,
            presence: answer.presence.clone(),
            conversations,
            typing: answer.typing.clone(),
        });
        Ok((answer, basis))
    }

    /// Whether a sync would give the same now.
    #[must_use]
    pub fn stands(&self, basis: &Basis) -> bool {
        self.inner.store.touches_of(&basis.topics) == Some(basis.changes)
            && self.inner.presence.is(&basis.people, &basis.presence)
            && self.inner.typing.now(basis.user, basis.conversations.iter().copied()) == basis.typing
    }
}
