//! The person's own state of a conversation: muting, archive, pins, the unread mark and the draft.

use super::{ChatService, Operation};
use crate::Result;
use crate::store::Write;
use protocol::{ConversationId, MembershipChange, Person};

impl ChatService {
    /// Changes the person's own state of a conversation; all their devices are told. A repeat changes nothing.
    pub async fn update_membership(
        &self,
        user: &Person,
        conversation: ConversationId,
        change: MembershipChange,
    ) -> Result<()> {
        self.charge(user, Operation::Change)?;
        let write = Write::SetMembership { user: user.id, conversation, change };
        self.inner.writer.write(write).await.map(drop)
    }
}
