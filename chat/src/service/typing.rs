//! Reporting that somebody is typing.

use super::{ChatService, Operation};
use crate::{Error, Result};
use protocol::{ConversationId, Person};

impl ChatService {
    /// Sets whether a person is typing. Refused if the person is not a member; nothing happens if the person hides typing.
    pub async fn typing(&self, user: &Person, conversation: ConversationId, is_typing: bool) -> Result<()> {
        self.typing_from(0, user, conversation, is_typing).await
    }

    /// Like [`Self::typing`], for a connection: its typing ends with it.
    pub(crate) async fn typing_from(
        &self,
        connection: u64,
        user: &Person,
        conversation: ConversationId,
        is_typing: bool,
    ) -> Result<()> {
        self.charge(user, Operation::Signal)?;
        if !self.inner.typing.is_known_member(conversation, user.id) {
            let shown = self.inner.store.shows_typing(user.id, conversation).await?;
            if !shown.ok_or_else(Error::not_found)? {
                return Ok(());
            }
        }
        self.inner.typing.set(conversation, user, connection, is_typing);
        Ok(())
    }
}
