//! The history of a conversation: pages of messages, and changes.

use super::{ChatService, Operation};
use crate::Result;
use protocol::{Changes, ConversationId, Page, Person, limits};

impl ChatService {
    /// Messages before a `seq` (`None`: the newest).
    pub async fn page(
        &self,
        user: &Person,
        id: ConversationId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page> {
        self.charge(user, Operation::Page)?;
        self.inner.store.page(user.id, id, before, limit.clamp(1, limits::CHANGES)).await
    }

    /// Messages after a `seq`.
    pub async fn page_after(
        &self,
        user: &Person,
        id: ConversationId,
        after: i64,
        limit: usize,
    ) -> Result<Page> {
        self.charge(user, Operation::Page)?;
        self.inner.store.page_after(user.id, id, after, limit.clamp(1, limits::CHANGES)).await
    }

    /// The changes after a cursor.
    pub async fn changes(&self, user: &Person, id: ConversationId, after: i64) -> Result<Changes> {
        self.charge(user, Operation::Page)?;
        self.inner.store.changes(user.id, id, after).await
    }
}
