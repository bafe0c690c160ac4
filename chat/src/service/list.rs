//! The list of conversations, and one of them.

use super::{ChatService, Operation, invalid};
use crate::Result;
use crate::subject_kind::is_kind;
use protocol::{Conversation, ConversationId, ListFilter, ListPage, ListPosition, Person, limits};

impl ChatService {
    /// The person's conversations, the archived ones included, newest activity first.
    pub async fn conversations(&self, user: &Person) -> Result<Vec<Conversation>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.conversations(user.id).await
    }

    /// The next conversations of the person's list, or of the filter, about subjects of this kind (`None`: all), after a position (`None`: the first ones), newest activity
    /// first, at most `limit`, and the position behind them, if there are more. The first page of the list begins with the pinned
    /// ones, beside the others.
    pub async fn conversation_page(
        &self,
        user: &Person,
        filter: Option<ListFilter>,
        subject_kind: Option<&str>,
        after: Option<ListPosition>,
        limit: usize,
    ) -> Result<(Vec<Conversation>, Option<ListPosition>)> {
        self.charge(user, Operation::Page)?;
        // No other text is stored, and the database may refuse it.
        if subject_kind.is_some_and(|kind| !is_kind(kind)) {
            return Ok((Vec::new(), None));
        }
        self.inner
            .store
            .conversation_page(user.id, filter, subject_kind, after, limit.clamp(1, limits::MAX_LIST_PAGE))
            .await
    }

    /// The page of the person's list, or of the filter, about subjects of this kind (`None`: all), behind a position, for a client
    /// with the pages before it.
    pub async fn list_page(
        &self,
        user: &Person,
        filter: Option<ListFilter>,
        subject_kind: Option<String>,
        after: Option<ListPosition>,
    ) -> Result<ListPage> {
        self.charge(user, Operation::Page)?;
        // No other text is stored, and the database may refuse it.
        if subject_kind.as_deref().is_some_and(|kind| !is_kind(kind)) {
            return Err(invalid("`subject_kind` is no word of a kind"));
        }
        self.inner.store.list_page(user.id, filter, subject_kind, after).await
    }

    /// One conversation.
    pub async fn conversation(&self, user: &Person, id: ConversationId) -> Result<Conversation> {
        self.charge(user, Operation::One)?;
        self.inner.store.conversation(user.id, id).await
    }
}
