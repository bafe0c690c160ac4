//! Deleting and restoring messages.

use super::{ChatService, Operation};
use crate::Result;
use crate::audit::{AuditAction, AuditEvent};
use crate::store::Write;
use protocol::{ConversationId, DeleteFor, MessageId, Person};

impl ChatService {
    /// Deletes a message for this person or for everyone.
    pub async fn delete(
        &self,
        user: &Person,
        conversation: ConversationId,
        message: MessageId,
        audience: DeleteFor,
    ) -> Result<()> {
        self.charge(user, Operation::Change)?;
        let user = user.id;
        let write = match audience {
            DeleteFor::Me => Write::Hide { user, conversation, message, hidden: true },
            DeleteFor::Everyone => Write::Delete { user, conversation, message },
        };
        let deleted = self.inner.writer.write(write).await.map(drop);
        if audience == DeleteFor::Everyone {
            self.inner.scrubber.deleted();
        }
        if let (DeleteFor::Everyone, Some(event)) =
            (audience, AuditEvent::of(AuditAction::DeleteForEveryone, &deleted))
        {
            event.by(user).conversation(conversation).message(message).emit();
        }
        deleted
    }

    /// Restores a message that this person deleted for themselves.
    pub async fn restore(
        &self,
        user: &Person,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<()> {
        self.charge(user, Operation::Change)?;
        let write = Write::Hide { user: user.id, conversation, message, hidden: false };
        self.inner.writer.write(write).await.map(drop)
    }
}
