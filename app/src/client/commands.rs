//! Commands of the signed-in person: they change the state, and the driver sends what follows.

use super::chat_client::Client;
use super::driver::{self, Driver};
use leptos::prelude::*;
use protocol::reducer::{Need, State};
use protocol::{ClientFrame, ClientId, ConversationId, DeleteFor, MessageId, Side};

impl Client {
    /// Connects. Does nothing after the first call on a page.
    pub(crate) fn connect(self) {
        driver::start(self);
    }

    /// Requests the list again over the current transport.
    pub(crate) fn refresh(self) {
        if !self.refreshing.get_untracked() {
            self.refreshing.set(true);
            self.must_send(ClientFrame::Sync(self.peek(State::sync_request)));
        }
    }

    /// Loads the next page of the list, if there is one.
    pub(crate) fn load_list(self) {
        self.ask(State::load_list);
    }

    /// Opens a conversation: it is on screen.
    pub(crate) fn open(self, id: ConversationId) {
        self.ask(|state| state.open(id));
    }

    /// Closes a conversation: it is no longer on screen.
    pub(crate) fn close(self, id: ConversationId) {
        self.update(|state| state.close(id));
    }

    /// Loads the page before the messages on screen.
    pub(crate) fn load_older(self, id: ConversationId) {
        self.ask(|state| state.load_older(id));
    }

    /// Loads the page after the messages on screen, where those are not the newest.
    pub(crate) fn load_newer(self, id: ConversationId) {
        self.ask(|state| state.load_newer(id));
    }

    /// Shows the messages on one side of a place.
    pub(crate) fn jump_to(self, id: ConversationId, side: Side) {
        self.ask(|state| state.jump_to(id, side));
    }

    /// Shows the newest messages.
    pub(crate) fn show_latest(self, id: ConversationId) {
        self.update(|state| state.show_latest(id));
    }

    /// The reader sees the messages between two places; `None` for the newest. Messages far from there are dropped.
    pub(crate) fn set_viewport(self, id: ConversationId, seen: Option<(i64, i64)>) {
        self.update(|state| state.set_viewport(id, seen));
    }

    /// Sends a message.
    pub(crate) fn send(self, id: ConversationId, content: String) {
        self.update(|state| state.compose(id, ClientId::mint(), content, None));
        Self::pump();
    }

    /// Sends a refused message again.
    pub(crate) fn retry(self, id: ConversationId, client_id: ClientId) {
        self.update(|state| state.try_again(id, client_id));
        Self::pump();
    }

    /// Discards a refused message.
    pub(crate) fn discard(self, id: ConversationId, client_id: ClientId) {
        self.update(|state| state.discard(id, client_id));
    }

    /// Deletes a message.
    pub(crate) fn delete(self, id: ConversationId, message_id: MessageId, audience: DeleteFor) {
        self.must_send(ClientFrame::DeleteMessage {
            conversation_id: Some(id),
            message_id: Some(message_id),
            audience,
        });
    }

    /// Undoes a deletion for oneself.
    pub(crate) fn restore(self, id: ConversationId, message_id: MessageId) {
        self.must_send(ClientFrame::RestoreMessage {
            conversation_id: Some(id),
            message_id: Some(message_id),
        });
    }

    /// Tells the others that typing began or ended.
    pub(crate) fn set_typing(self, id: ConversationId, is_typing: bool) {
        self.may_send(ClientFrame::Typing { conversation_id: Some(id), is_typing });
    }

    /// Marks everything up to a message as read.
    pub(crate) fn mark_read(self, id: ConversationId, message_id: MessageId) {
        self.may_send(ClientFrame::MarkRead { conversation_id: Some(id), message_id: Some(message_id) });
    }

    /// Marks everything in a conversation as read.
    pub(crate) fn mark_all_read(self, id: ConversationId) {
        let newest = self.peek(|state| Some(state.rooms.get(&id)?.summary.last_message.as_ref()?.id));
        if let Some(newest) = newest {
            self.mark_read(id, newest);
        }
    }

    fn ask(self, change: impl FnOnce(&mut State) -> Vec<Need>) {
        let needs = self.update(change);
        driver::with(|driver| driver.ask(needs));
    }

    /// Sends a frame as soon as there is a transport.
    fn must_send(self, frame: ClientFrame) {
        driver::with(|driver| driver.must_send(frame));
    }

    /// Sends a frame now, or drops it without a transport: it would be outdated later.
    fn may_send(self, frame: ClientFrame) {
        driver::with(|driver| driver.may_send(frame));
    }

    fn pump() {
        driver::with(Driver::pump);
    }
}
