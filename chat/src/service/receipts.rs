//! Receipts: marking messages as read or delivered, and who has them.

use super::{ChatService, Operation};
use crate::Result;
use crate::store::{Mark, Write};
use protocol::{ConversationId, MessageId, MessageReceipt, Person};

impl ChatService {
    /// Marks messages as read up to this one (`None`: all).
    pub async fn mark_read(
        &self,
        user: &Person,
        conversation: ConversationId,
        up_to: Option<MessageId>,
    ) -> Result<()> {
        self.charge(user, Operation::Signal)?;
        self.mark(Mark { user: user.id, conversation, message: up_to, read: true }).await
    }

    /// Marks messages as delivered up to this one (`None`: all).
    pub async fn mark_delivered(
        &self,
        user: &Person,
        conversation: ConversationId,
        up_to: Option<MessageId>,
    ) -> Result<()> {
        self.charge(user, Operation::Signal)?;
        self.mark(Mark { user: user.id, conversation, message: up_to, read: false }).await
    }

    /// The receipts of a message.
    pub async fn receipts(
        &self,
        user: &Person,
        id: ConversationId,
        message: MessageId,
    ) -> Result<Vec<MessageReceipt>> {
        self.charge(user, Operation::Page)?;
        self.inner.store.receipts(user.id, id, message).await
    }

    async fn mark(&self, mark: Mark) -> Result<()> {
        self.inner.writer.write(Write::Mark(mark)).await.map(drop)
    }
}
