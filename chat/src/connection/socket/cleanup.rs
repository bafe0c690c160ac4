//! Removes the connection's presence and typing entries on disconnect.

use crate::ChatService;
use crate::connection::subscription::Subscription;
use protocol::ConversationId;
use std::collections::BTreeSet;

pub(super) struct Cleanup {
    typed_in: BTreeSet<ConversationId>,
}

impl Cleanup {
    /// Announces the connection to the conversation, if it is the socket of one.
    pub(super) fn new(chat: &ChatService, subscription: &Subscription) -> Self {
        if let Some(id) = subscription.scope.one() {
            chat.presence().open(id, &subscription.who.person);
        }
        Self { typed_in: BTreeSet::new() }
    }

    /// Records that this connection typed in the conversation.
    pub(super) fn on_typing(&mut self, conversation: ConversationId) {
        self.typed_in.insert(conversation);
    }

    /// Ends typing and presence of this connection.
    pub(super) fn run(&self, chat: &ChatService, subscription: &Subscription) {
        let me = &subscription.who.person;
        chat.typists().remove_connection(me.id, subscription.subscriber.id, &self.typed_in);
        if let Some(id) = subscription.scope.one() {
            chat.presence().close(id, me);
        }
    }
}
