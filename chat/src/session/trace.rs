//! What a socket leaves with others, and takes along when it goes.

use crate::Chat;
use crate::listener::Listener;
use protocol::ConversationId;
use std::collections::BTreeSet;

pub(super) struct Trace {
    typed: BTreeSet<ConversationId>,
}

impl Trace {
    /// On the socket of one conversation the others there are told that it was opened.
    pub(super) fn new(chat: &Chat, listener: &Listener) -> Self {
        if let Some(id) = listener.scope.one() {
            chat.presence().open(id, &listener.who.person);
        }
        Self { typed: BTreeSet::new() }
    }

    /// Something was typed there on this connection.
    pub(super) fn typed(&mut self, conversation: ConversationId) {
        self.typed.insert(conversation);
    }

    /// The socket goes, however it goes.
    pub(super) fn take_along(&self, chat: &Chat, listener: &Listener) {
        let me = &listener.who.person;
        chat.typists().gone(me.id, listener.line.id, &self.typed);
        if let Some(id) = listener.scope.one() {
            chat.presence().close(id, me);
        }
    }
}
