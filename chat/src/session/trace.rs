//! What a socket leaves with others, and takes along when it goes, however it goes.

use crate::Chat;
use crate::account::Identity;
use protocol::ConversationId;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) struct Trace {
    chat: Chat,
    me: Arc<Identity>,
    connection: u64,
    opened: Option<ConversationId>,
    typed: BTreeSet<ConversationId>,
}

impl Trace {
    /// On the socket of one conversation the others there are told that it was opened.
    pub(super) fn new(
        chat: Chat,
        me: Arc<Identity>,
        connection: u64,
        opened: Option<ConversationId>,
    ) -> Self {
        if let Some(id) = opened {
            chat.presence().open(id, &me.person);
        }
        Self { chat, me, connection, opened, typed: BTreeSet::new() }
    }

    /// Something was typed there on this connection.
    pub(super) fn typed(&mut self, conversation: ConversationId) {
        self.typed.insert(conversation);
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.chat.typists().gone(self.me.person.id, self.connection, &self.typed);
        if let Some(id) = self.opened {
            self.chat.presence().close(id, &self.me.person);
        }
    }
}
